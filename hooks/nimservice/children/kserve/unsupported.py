"""Unsupported: reports the fields of a NIMService that KServe cannot express (I-9)."""

from collections.abc import Iterator

from hooks.kernel.finding import Finding
from hooks.nimservice import deploymentmode
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.kserve import scale
from hooks.nimservice.context import Context


def findings(ctx: Context) -> Iterator[Finding]:
    """Yield one finding with the fields that have no effect, or only part of it."""
    standard = deploymentmode.standard(ctx)
    fields = [*_exposed(ctx.nim), *(_standard(ctx.nim) if standard else _knative(ctx.nim))]
    if fields:
        platform = "KServe" if standard else "KServe with Knative"
        yield Finding(
            "KServeCannotExpress",
            f"{platform} cannot express {', '.join(fields)}",
            "remove them, or set spec.inferencePlatform to standalone",
        )


def _exposed(nim: NIMService) -> Iterator[str]:
    """Yield the fields about Service and routes: KServe makes both by its own configuration."""
    service, ingress, router = (
        nim.spec.expose.service,
        nim.spec.expose.ingress,
        nim.spec.expose.router,
    )
    asked = {
        "service.type": service.type not in (None, "", "ClusterIP"),
        "service.name": service.name not in (None, "", nim.name),
        "service.labels": service.labels,
        "service.annotations": service.annotations,
        "ingress.spec": ingress.enabled and ingress.spec,
        "ingress.annotations": ingress.enabled and ingress.annotations,
        "router.hostDomainName": router.host_domain_name,
        "router.annotations": router.annotations,
        "router.ingress": router.ingress,
        "router.gateway": router.gateway,
        "router.eppConfig": router.epp_config,
    }
    return (f"spec.expose.{field}" for field, given in asked.items() if given)


def _standard(nim: NIMService) -> Iterator[str]:
    scaling = nim.spec.scale
    if not nim.autoscaled or scaling.hpa is None:
        return
    if scaling.annotations:
        yield "spec.scale.annotations"
    if scaling.hpa.behavior:
        yield "spec.scale.hpa.behavior"
    yield from (f"spec.scale.hpa.metrics[{index}]" for index in scale.inexpressible(scaling.hpa))


def _knative(nim: NIMService) -> Iterator[str]:
    spec = nim.spec
    asked = {
        # Knative starts one replica.
        "replicas": (spec.replicas or 0) > 1,
        "scale": nim.autoscaled,
        "groupID": spec.group_id is not None,
        "draResources": spec.dra_resources,
        "metrics": spec.metrics.enabled,
        "terminationGracePeriodSeconds": spec.termination_grace_period_seconds is not None,
        "lifecycle": spec.lifecycle,
        "strategy": spec.strategy,
        "podSecurityContext": spec.pod_security_context,
        "expose.service.grpcPort": spec.expose.service.grpc_port,
        "expose.service.metricsPort": spec.expose.service.metrics_port,
    }
    yield from (f"spec.{field}" for field, given in asked.items() if given)

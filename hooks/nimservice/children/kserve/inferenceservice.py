"""InferenceService: lets KServe run the model."""

from collections.abc import Iterator

from hooks.kernel import strict
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import deploymentmode, naming
from hooks.nimservice.api import kserve
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import template
from hooks.nimservice.children.kserve import knative, scale, unsupported
from hooks.nimservice.children.template import strategy
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked, ModelStore


def build(ctx: Context) -> Iterator[Manifest | Finding]:
    """Yield the InferenceService once the model store is known, and what KServe cannot express."""
    nim, store = ctx.nim, ctx.store
    if not nim.kserve or isinstance(store, Blocked):
        return
    yield from deploymentmode.fixed(ctx)
    yield from unsupported.findings(ctx)
    yield {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": naming.metadata(
            nim, naming.workload(nim), labels=_labels(nim), annotations=_annotations(ctx)
        ),
        "spec": {"predictor": _predictor(ctx, store)},
    }


def _predictor(ctx: Context, store: ModelStore) -> Manifest:
    nim = ctx.nim
    # KServe adds the labels of the InferenceService, and its own.
    metadata = {"labels": {"app": naming.workload(nim)}, "annotations": template.annotations(ctx)}
    if not deploymentmode.standard(ctx):
        role = template.Role(
            container=_container(ctx), ports=knative.ports(nim), probes=knative.probes(nim)
        )
        return {**metadata, **knative.pod(nim, template.spec(ctx, store, role))}
    return {
        **metadata,
        **scale.of(ctx),
        "deploymentStrategy": strategy.of(nim),
        **template.spec(ctx, store, template.Role(container=_container(ctx))),
    }


def _container(ctx: Context) -> str:
    """Return the name of the model server's container.

    KServe renames the only container. Lists merge by name, so applying its old name again would add
    a second model server. Among several containers, KServe looks for its own name.
    """
    containers = strict.mappings(ctx.workload or {}, "spec", "predictor", "containers")
    renamed = any(each.get("name") == kserve.CONTAINER for each in containers)
    return (
        kserve.CONTAINER
        if renamed or ctx.nim.spec.sidecar_containers
        else naming.container(ctx.nim)
    )


def _labels(nim: NIMService) -> dict[str, str]:
    """Return the labels; a model with a route of any kind is not local to the cluster."""
    expose, gateway = nim.spec.expose, nim.spec.expose.router.gateway
    routed = (
        expose.ingress.enabled
        or expose.router.ingress
        or (gateway and (gateway.http_routes_enabled or gateway.grpc_routes_enabled))
    )
    return (
        naming.labels(nim) if routed else {kserve.VISIBILITY: "cluster-local", **naming.labels(nim)}
    )


def _annotations(ctx: Context) -> dict[str, str]:
    annotations = {
        **dict.fromkeys(kserve.METRICS, "true"),
        **(template.annotations(ctx) or {}),
        kserve.DEPLOYMENT_MODE: deploymentmode.of(ctx),
    }
    if ctx.nim.autoscaled and deploymentmode.standard(ctx):
        annotations[kserve.AUTOSCALER_CLASS] = "hpa"
    if scale.stopped(ctx.nim):
        annotations[kserve.STOP] = "true"
    return annotations

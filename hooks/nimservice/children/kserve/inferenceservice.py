"""InferenceService: lets KServe run the model."""

from collections.abc import Iterator

from hooks.kernel import strict
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import deploymentmode, naming
from hooks.nimservice.api import kserve
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import template
from hooks.nimservice.children.kserve import copied, knative, scale, unsupported
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
    yield from copied.findings(ctx)
    visible, pods_visible = copied.visibility(ctx, routed=_routed(nim))
    yield {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": naming.metadata(
            nim,
            naming.workload(nim),
            labels={**naming.labels(nim), **_marked(visible)},
            annotations=_annotations(ctx),
        ),
        "spec": {"predictor": _predictor(ctx, store, _marked(pods_visible))},
    }


def _predictor(ctx: Context, store: ModelStore, labels: dict[str, str]) -> Manifest:
    nim = ctx.nim
    # KServe adds the labels of the InferenceService, and its own.
    metadata = {
        "labels": {"app": naming.workload(nim), **labels},
        "annotations": template.annotations(ctx),
    }
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


def _routed(nim: NIMService) -> bool:
    """Whether a route of any kind leads to the model."""
    expose, gateway = nim.spec.expose, nim.spec.expose.router.gateway
    return bool(
        expose.ingress.enabled
        or expose.router.ingress
        or (gateway and (gateway.http_routes_enabled or gateway.grpc_routes_enabled))
    )


def _marked(visible: str | None) -> dict[str, str]:
    return {kserve.VISIBILITY: visible} if visible else {}


def _annotations(ctx: Context) -> dict[str, str]:
    annotations = {
        **dict.fromkeys(kserve.METRICS, "true"),
        **(template.annotations(ctx) or {}),
        kserve.DEPLOYMENT_MODE: deploymentmode.of(ctx),
    }
    if deploymentmode.standard(ctx) and (scaler := copied.autoscaler(ctx)):
        annotations[kserve.AUTOSCALER_CLASS] = scaler
    if scale.stopped(ctx.nim):
        annotations[kserve.STOP] = "true"
    return annotations

"""Routes: HTTPRoute and GRPCRoute, from a Gateway to the model.

Their lists are replaced whole, so the hooks write out the API server's defaults in each entry.
"""

from collections.abc import Iterator

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.api.router import BackendRef, Gateway
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest | Finding]:
    """Yield the routes that the gateway enables."""
    nim, gateway = ctx.nim, ctx.nim.spec.expose.router.gateway
    if gateway is None or nim.kserve:
        return
    service = nim.spec.expose.service
    if gateway.http_routes_enabled:
        match = {"path": {"type": "PathPrefix", "value": "/"}}
        yield _route(
            ctx,
            gateway,
            "HTTPRoute",
            {
                "matches": [match],
                "backendRefs": [_backend(gateway.backend_ref or _model(ctx))],
                "timeouts": _timeouts(gateway),
            },
        )
    if gateway.grpc_routes_enabled and service.grpc_port is None:
        yield Finding(
            "GRPCPortMissing",
            "is required for the GRPCRoute of spec.expose.router.gateway.grpcRoutesEnabled",
            "set it",
            path="spec.expose.service.grpcPort",
        )
    elif gateway.grpc_routes_enabled:
        yield _route(
            ctx,
            gateway,
            "GRPCRoute",
            {"backendRefs": [_backend(gateway.backend_ref or _service(nim, service.grpc_port))]},
        )


def _route(ctx: Context, gateway: Gateway, kind: str, rule: Manifest) -> Manifest:
    nim, host = ctx.nim, naming.host(ctx.nim)
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": naming.metadata(
            nim,
            naming.workload(nim),
            labels=naming.labels(nim),
            annotations={
                **nim.spec.expose.router.annotations,
                **nim.spec.annotations,
                **security.annotations(ctx),
            },
        ),
        "spec": {
            "parentRefs": [
                {
                    "group": "gateway.networking.k8s.io",
                    "kind": "Gateway",
                    "namespace": gateway.namespace,
                    "name": gateway.name,
                }
            ],
            "hostnames": [host] if host else [],
            "rules": [rule],
        },
    }


def _model(ctx: Context) -> BackendRef:
    """Return the pool of the endpoint picker, or the Service without one (I-28)."""
    nim, picker = ctx.nim, ctx.nim.spec.expose.router.epp_config
    if picker is None or not picker.configured or not ctx.manages(kinds.INFERENCE_POOL):
        return _service(nim, nim.spec.expose.service.port)
    return BackendRef.model_construct(
        group="inference.networking.k8s.io", kind="InferencePool", name=naming.pool(nim)
    )


def _service(nim: NIMService, port: int | None) -> BackendRef:
    return BackendRef.model_construct(name=naming.service(nim), port=port)


def _timeouts(gateway: Gateway) -> Manifest | None:
    given = gateway.timeouts
    if given is None or not (given.request or given.backend_request):
        return None
    return {"request": given.request, "backendRequest": given.backend_request}


def _backend(ref: BackendRef) -> Manifest:
    return {
        "group": ref.group,
        "kind": ref.kind,
        "namespace": ref.namespace,
        "name": ref.name,
        "port": ref.port,
        "weight": ref.weight,
    }

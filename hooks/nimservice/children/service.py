"""Service: the address of the model within the cluster."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the Service; KServe makes its own."""
    nim, service = ctx.nim, ctx.nim.spec.expose.service
    if nim.kserve:
        return
    ports = {
        naming.API_PORT: service.port,
        naming.GRPC_PORT: service.grpc_port,
        naming.METRICS_PORT: service.metrics_port,
    }
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": naming.metadata(
            nim,
            naming.service(nim),
            labels={**service.labels, **naming.labels(nim)},
            annotations={
                **service.annotations,
                **nim.spec.annotations,
                **security.annotations(ctx),
            },
        ),
        "spec": {
            "type": service.type or "ClusterIP",
            "selector": naming.selector(nim),
            "ports": [
                {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
                for name, port in ports.items()
                if port
            ],
        },
    }

"""InferencePool: the replicas that the endpoint picker chooses from."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.children.endpointpicker import port
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the pool of an endpoint picker; with several nodes it contains the leaders."""
    nim, picker = ctx.nim, ctx.nim.spec.expose.router.epp_config
    if picker is None or nim.kserve:
        return
    yield {
        "apiVersion": "inference.networking.k8s.io/v1",
        "kind": "InferencePool",
        "metadata": naming.metadata(nim, naming.pool(nim), labels=naming.labels(nim)),
        "spec": {
            "selector": {"matchLabels": naming.selector(nim)},
            "targetPorts": [{"number": nim.spec.expose.service.port}],
            "endpointPickerRef": {
                "group": "",
                "kind": "Service",
                "name": naming.endpoint_picker(nim),
                "port": {"number": port.number(picker, port.PICK)},
                "failureMode": "FailClose",
            },
        },
    }

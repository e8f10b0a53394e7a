"""Service: the address of the endpoint picker for gateways, and of its metrics for Prometheus."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.api.endpointpicker import EndpointPicker
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.endpointpicker import port

_SCRAPED = (naming.API_PORT, naming.METRICS_PORT)
"""Port names that the model's ServiceMonitor scrapes on every Service with its labels (Q42)."""


def manifest(nim: NIMService, picker: EndpointPicker) -> Manifest:
    """Return the picker's Service."""
    name = naming.endpoint_picker(nim)
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": naming.metadata(nim, name, labels=naming.labels(nim)),
        "spec": {"type": "ClusterIP", "selector": {"app": name}, "ports": list(_ports(picker))},
    }


def _ports(picker: EndpointPicker) -> Iterator[Manifest]:
    """Yield the container's declared ports; the health port only if the user declares it."""
    pick = port.number(picker, port.PICK)
    declared = [
        each
        for each in port.declared(picker)
        if picker.ports or each["containerPort"] != port.HEALTH.number
    ]
    if all(each["containerPort"] != pick for each in declared):
        declared.insert(0, {"name": port.PICK.names[0], "containerPort": pick, "protocol": "TCP"})
    for each in declared:
        number = each["containerPort"]
        yield {
            "name": _name(each, number),
            "port": number,
            "targetPort": number,
            "protocol": each["protocol"],
        }


def _name(declared: Manifest, number: int) -> str:
    name = str(declared.get("name") or f"port-{number}")
    return f"epp-{name}" if name in _SCRAPED else name

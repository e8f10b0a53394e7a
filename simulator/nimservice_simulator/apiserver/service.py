"""Service: its defaults, the addresses and node ports it is given, and what may not change."""

from collections.abc import Iterator

from hooks.cluster.api import Object
from nimservice_simulator.apiserver.shape import WHOLE, keyed, struct

SHAPE = struct(
    spec=struct(ports=keyed("port", "protocol", defaults={"protocol": "TCP"}), selector=WHOLE),
    status=struct(conditions=keyed("type")),
)

_ALLOWED = {
    "type": ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    "sessionAffinity": ("None", "ClientIP"),
    "internalTrafficPolicy": ("Cluster", "Local"),
    "externalTrafficPolicy": ("Cluster", "Local"),
}
_PROTOCOLS = ("TCP", "UDP", "SCTP")


def default(obj: Object) -> None:
    """Fill in what the API server fills in."""
    spec = obj.setdefault("spec", {})
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["sessionAffinity"] == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {"clientIP": {"timeoutSeconds": 10800}})
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))
    if spec["type"] == "ExternalName":
        return
    spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    obj.setdefault("status", {}).setdefault("loadBalancer", {})


def allocate(obj: Object, old: Object | None, number: int) -> None:
    """Assign missing addresses and node ports, and remove those that the type does not have."""
    spec = obj["spec"]
    before = (old or {}).get("spec", {})
    if spec["type"] != "ExternalName":
        _allocate_address(spec, before, number)
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _allocate_node_ports(spec, before, number)
    elif before.get("type") in ("NodePort", "LoadBalancer"):
        for port in spec.get("ports") or []:
            port.pop("nodePort", None)
        for name in ("externalTrafficPolicy", "healthCheckNodePort"):
            spec.pop(name, None)
    if before.get("type") == "LoadBalancer" != spec["type"]:
        for name in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
            spec.pop(name, None)
        obj["status"] = {"loadBalancer": {}}


def _allocate_address(spec: Object, before: Object, number: int) -> None:
    if before.get("clusterIP"):
        spec.setdefault("clusterIP", before["clusterIP"])
    spec.setdefault("clusterIP", f"10.96.{number // 250 % 250}.{number % 250 + 1}")
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    spec.setdefault("ipFamilies", ["IPv4"])


def _allocate_node_ports(spec: Object, before: Object, number: int) -> None:
    ports = spec.get("ports") or []
    known = {
        (port["port"], port["protocol"]): port["nodePort"]
        for port in before.get("ports") or []
        if "nodePort" in port
    }
    for port in ports:
        if node_port := known.get((port["port"], port["protocol"])):
            port.setdefault("nodePort", node_port)
    taken = {port.get("nodePort") for port in ports}
    free = (
        node_port
        for offset in range(2768)
        if (node_port := 30000 + (number * 16 + offset) % 2768) not in taken
    )
    for port in ports:
        if "nodePort" not in port:
            port["nodePort"] = next(free)


def problems(obj: Object, old: Object | None) -> Iterator[str]:
    """Yield what the API server refuses."""
    spec = obj["spec"]
    ports = spec.get("ports") or []
    if not ports and spec["type"] != "ExternalName" and spec.get("clusterIP") != "None":
        yield "spec.ports: Required value"
    for key in (("port", "protocol"), ("name",), ("nodePort",)):
        seen = set()
        for number, port in enumerate(ports):
            value = tuple(port.get(name) for name in key)
            if value in seen and value != (None,):
                yield f"spec.ports[{number}]: Duplicate value: {dict(zip(key, value, strict=True))}"
            seen.add(value)
    for name, allowed in _ALLOWED.items():
        if spec.get(name, allowed[0]) not in allowed:
            yield f'spec.{name}: Unsupported value: "{spec[name]}": supported values: {", ".join(allowed)}'
    yield from (
        f"spec.ports[{number}].protocol: Unsupported value"
        for number, port in enumerate(ports)
        if port["protocol"] not in _PROTOCOLS
    )
    if len(ports) > 1 and any(not port.get("name") for port in ports):
        yield "spec.ports.name: Required value"
    address = (old or {}).get("spec", {}).get("clusterIP")
    if address and spec["type"] != "ExternalName" and spec.get("clusterIP") != address:
        yield f'spec.clusterIPs[0]: Invalid value: ["{spec.get("clusterIP")}"]: may not change once set'

"""Port: the endpoint picker's ports, for container, Service, probes and InferencePool (Q32)."""

from typing import NamedTuple

from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.endpointpicker import EndpointPicker


class Purpose(NamedTuple):
    """The purpose of a port."""

    number: int
    """The picker's own default."""
    flag: str
    """The picker's flag for another number."""
    names: tuple[str, ...]
    """The port's names: the first is ours, the second that of the picker's own chart."""


PICK = Purpose(9002, "--grpc-port", ("grpc-ext-proc", "grpc"))
"""Gateways ask here which replica to use."""
HEALTH = Purpose(9003, "--grpc-health-port", ("grpc-health", "health"))
"""The kubelet asks here whether the picker is up."""
METRICS = Purpose(9090, "--metrics-port", ("http-metrics", "metrics"))
"""Prometheus reads the picker's metrics here."""

PURPOSES = (PICK, HEALTH, METRICS)


def declared(picker: EndpointPicker) -> list[Manifest]:
    """Return the ports of the picker's container."""
    given = {
        port["containerPort"]: {**port, "protocol": port.get("protocol") or "TCP"}
        for port in picker.ports
    }
    return list(given.values()) or [
        {"name": purpose.names[0], "containerPort": purpose.number, "protocol": "TCP"}
        for purpose in PURPOSES
    ]


def number(picker: EndpointPicker, purpose: Purpose) -> int:
    """Return the port for a purpose: by name, else by default number, else the default number."""
    for port in picker.ports:
        if port.get("name") in purpose.names:
            return int(port["containerPort"])
    if purpose is PICK and PICK.number not in _numbers(picker):
        # A single port with another name and number can only be the one for gateways.
        return next(
            (found for found in _numbers(picker) if found not in _taken(picker)), purpose.number
        )
    return purpose.number


def _numbers(picker: EndpointPicker) -> list[int]:
    return [int(port["containerPort"]) for port in picker.ports]


def _taken(picker: EndpointPicker) -> set[int]:
    return {number(picker, purpose) for purpose in (HEALTH, METRICS)}

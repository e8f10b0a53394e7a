"""Knative: its demands on a pod: one unnamed port, probes by number, no security context."""

from typing import Any

from hooks.kernel.manifest import Manifest
from hooks.nimservice import constraint
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.template import probe, security

_STARTUP_FAILURES = 30
"""× 10 s: Knative gives a revision ten minutes, including scheduling and pulling its image."""


def ports(nim: NIMService) -> list[Manifest]:
    """Return the HTTP API's port, the only one that Knative allows (I-9)."""
    return [{"containerPort": nim.spec.expose.service.port, "protocol": "TCP"}]


def probes(nim: NIMService) -> Manifest:
    """Return the user's probes, else gRPC probes with a gRPC port, else HTTP probes."""
    spec = nim.spec
    given = {
        "livenessProbe": spec.liveness_probe,
        "readinessProbe": spec.readiness_probe,
        "startupProbe": spec.startup_probe,
    }
    return {
        name: made and (_by_number(nim, made) if given[name].probe else _default(nim, name, made))
        for name, made in probe.of(nim).items()
    }


def pod(nim: NIMService, spec: Manifest) -> Manifest:
    """Return a pod's spec as Knative admits it: it has no user for the pod, and ends it itself."""
    owner = {"runAsUser": constraint.user(nim), "runAsGroup": security.group(nim)}
    fitted = {
        part: [
            {**each, "lifecycle": None, "securityContext": {**owner, **each["securityContext"]}}
            for each in spec[part]
        ]
        for part in ("initContainers", "containers")
    }
    return {**spec, **fitted, "securityContext": None, "terminationGracePeriodSeconds": None}


def _default(nim: NIMService, name: str, made: Manifest) -> Manifest:
    failures = {"failureThreshold": _STARTUP_FAILURES} if name == "startupProbe" else {}
    port = nim.spec.expose.service.grpc_port
    if port is None:
        return {**_by_number(nim, made), **failures}
    timing = {key: value for key, value in made.items() if key != "httpGet"}
    return {"grpc": {"port": port, "service": ""}, **timing, **failures}


def _by_number(nim: NIMService, made: Manifest) -> Manifest:
    service = nim.spec.expose.service
    numbers: dict[Any, int | None] = {
        "api": service.port,
        "grpc": service.grpc_port,
        "metrics": service.metrics_port,
    }
    handlers = {
        key: {**made[key], "port": numbers.get(made[key]["port"]) or made[key]["port"]}
        for key in ("httpGet", "tcpSocket", "grpc")
        if "port" in made.get(key, {})
    }
    return {**made, **handlers}

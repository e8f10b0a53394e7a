"""Validation: specs that pass the schema and cannot be built, each with its path and remedy."""

from hooks.kernel.crd.structure import Problem
from hooks.kernel.finding import Finding
from hooks.kernel.lastapplied import OWNER_LABEL
from hooks.kernel.validation import REASON
from hooks.nimservice import naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.validation import (
    amounts,
    availability,
    containers,
    devices,
    identities,
    platform,
    repeated,
    size,
    volumes,
)


def of(nim: NIMService) -> Finding | None:
    """Return why a NIMService cannot be built, or None where it can."""
    problem = next((problem for check in _CHECKS if (problem := check(nim))), None)
    return Finding(REASON, problem.message, problem.remedy, path=problem.path) if problem else None


def _storage(nim: NIMService) -> Problem | None:
    storage = nim.spec.storage
    if storage.nim_cache.name:
        return None
    if storage.nim_cache.profile:
        return Problem(
            "spec.storage.nimCache.name", "is required with a profile", "name the NIMCache"
        )
    if storage.pvc.create:
        return (
            None
            if storage.pvc.size
            else Problem(
                "spec.storage.pvc.size",
                "is required while create is true",
                "set it, for example to 50Gi",
            )
        )
    if storage.pvc.name or storage.empty_dir is not None or storage.host_path:
        return None
    if storage.pvc.defined:
        return Problem(
            "spec.storage.pvc.name",
            "is required unless create is true",
            "name a claim, or set create",
        )
    return Problem("spec.storage", "has no source", "give nimCache, pvc, emptyDir or hostPath")


def _scale(nim: NIMService) -> Problem | None:
    if nim.autoscaled and nim.spec.scale.hpa is None:
        return Problem(
            "spec.scale.hpa", "is required while scale.enabled is true", "give at least maxReplicas"
        )
    return None


def _ports(nim: NIMService) -> Problem | None:
    service = nim.spec.expose.service
    taken = {service.port: "port"}
    for field, port in (("grpcPort", service.grpc_port), ("metricsPort", service.metrics_port)):
        if port and taken.setdefault(port, field) != field:
            return Problem(
                f"spec.expose.service.{field}",
                f"{port} is already the number of {taken[port]}",
                "choose another",
            )
    return None


def _reserved_labels(nim: NIMService) -> Problem | None:
    monitor = nim.spec.metrics.service_monitor
    labels = {
        "labels": nim.spec.labels,
        "expose.service.labels": nim.spec.expose.service.labels,
        "metrics.serviceMonitor.additionalLabels": monitor.additional_labels,
    }
    for path, given in labels.items():
        if OWNER_LABEL in given:
            return Problem(
                f"spec.{path}[{OWNER_LABEL}]",
                "is reserved, because Metacontroller finds its objects by this label",
                "remove it",
            )
    return None


def _token(nim: NIMService) -> Problem | None:
    asked = nim.spec.annotations.get(naming.API_ACCESS, "true")
    if asked in ("true", "false"):
        return None
    return Problem(
        f"spec.annotations[{naming.API_ACCESS}]",
        f"{asked} is neither true nor false",
        "set it to true only where a container calls the Kubernetes API",
    )


_CHECKS = (
    _storage,
    _scale,
    size.first,
    amounts.first,
    identities.first,
    _ports,
    volumes.first,
    repeated.first,
    availability.first,
    containers.first,
    _reserved_labels,
    devices.first,
    platform.first,
    _token,
)

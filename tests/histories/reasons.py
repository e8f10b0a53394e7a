"""Reasons: why each child exists, told a second time and from the spec alone, to hold the hooks
against."""

from collections.abc import Callable

from pydantic import ValidationError

from hooks.kernel.document import JSON
from hooks.nimservice import validation
from hooks.nimservice.api.nimservice import NIMService

Manages = Callable[[str], bool]
"""Tells whether the installation manages a kind, by its name."""


def refused(nim: JSON) -> bool:
    """Whether the hooks refuse the spec; then every child has a reason to stay."""
    try:
        return validation.of(NIMService.parse(nim)) is not None
    except (
        ValidationError,
        AttributeError,
        KeyError,
        TypeError,
    ):  # the latter over what no API server holds
        return True


def stands(kind: str, name: str, nim: JSON, manages: Manages) -> bool:
    """Whether a child that exists has a reason to, as the spec asks for it now."""
    if kind == "PersistentVolumeClaim" or refused(nim):
        return True
    own, spec = nim["metadata"]["name"], nim["spec"]
    if kind == "ResourceClaimTemplate":
        return bool(spec.get("draResources"))
    expose = spec.get("expose") or {}
    service, router = expose.get("service") or {}, expose.get("router") or {}
    if kind == "PodDisruptionBudget":
        return bool(spec.get("podDisruptionBudget"))
    if spec.get("inferencePlatform") == "kserve":
        return name == own and _with_kserve(kind, spec)
    if name.startswith(f"{own}-epp"):
        return _picker(kind, router.get("eppConfig"), manages)
    gateway = router.get("gateway") or {}
    group = (((spec.get("multiNode") or {}).get("parallelism") or {}).get("pipeline") or 1) > 1
    scaled = bool((spec.get("scale") or {}).get("enabled"))
    return {
        "ServiceAccount": True,
        "Service": name in (own, service.get("name")),
        "Deployment": not group,
        "LeaderWorkerSet": group,
        "ConfigMap": group and not spec["multiNode"].get("ray") and manages("LeaderWorkerSet"),
        "Secret": group and not spec["multiNode"].get("ray") and manages("LeaderWorkerSet"),
        "ComputeDomain": group
        and bool((spec["multiNode"].get("computeDomain") or {}).get("create")),
        "HorizontalPodAutoscaler": scaled and not group,
        "Ingress": bool((expose.get("ingress") or {}).get("enabled") or router.get("ingress")),
        "HTTPRoute": bool(gateway.get("httpRoutesEnabled")),
        "GRPCRoute": bool(gateway.get("grpcRoutesEnabled") and service.get("grpcPort")),
        "InferencePool": bool(router.get("eppConfig")),
        "ServiceMonitor": bool((spec.get("metrics") or {}).get("enabled")),
    }.get(kind, False)


def _picker(kind: str, given: JSON | None, manages: Manages) -> bool:
    if given is None or not manages("InferencePool"):
        return False
    return kind != "ConfigMap" or given.get("config") is not None


def _with_kserve(kind: str, spec: JSON) -> bool:
    return {
        "ServiceAccount": True,
        "InferenceService": True,
        "ServiceMonitor": bool((spec.get("metrics") or {}).get("enabled")),
    }.get(kind, False)

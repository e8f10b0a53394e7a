"""Shape: what in a request no API server could have sent, asked for only when a hook has failed over it.

The hooks read what others wrote as the API server keeps it. A request in which a list stands for a map is none of Metacontroller's; it
is told what is odd, and everything stays as it is.
"""

from collections.abc import Iterator
from typing import Any

from hooks.kernel import protocol
from hooks.kernel.api.model import without_null
from hooks.kernel.crd import shipped, structure
from hooks.kernel.protocol import JSON, HookRequest

# What the hooks read, by the name of the field: below the object itself, these names mean the same in all kinds that they read.
_TOP = {"metadata", "spec", "status"}
_OBJECTS = {
    *(
        "template",
        "leaderWorkerTemplate",
        "leaderTemplate",
        "workerTemplate",
        "predictor",
        "resources",
        "persistentVolumeClaim",
    ),
    *(
        "loadBalancer",
        "http",
        "backend",
        "channel",
        "resourceClaimTemplate",
        "fieldsV1",
        "modelStatus",
        "copies",
    ),
}
_LISTS = {
    *(
        "conditions",
        "containers",
        "initContainers",
        "volumes",
        "volumeMounts",
        "env",
        "ports",
        "ownerReferences",
        "managedFields",
    ),
    *(
        "containerStatuses",
        "initContainerStatuses",
        "rules",
        "paths",
        "parents",
        "nodes",
        "profiles",
    ),
}
_MAPS = {"labels", "annotations", "matchLabels", "data"}
_TEXTS = {
    "name",
    "namespace",
    "uid",
    "kind",
    "type",
    "status",
    "reason",
    "message",
    "protocol",
    "claimName",
    "mountPath",
    "subPath",
    "phase",
}
_NUMBERS = {
    *(
        "replicas",
        "minReplicas",
        "maxReplicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "totalCopies",
    ),
    *("generation", "observedGeneration", "containerPort"),
}


def oddity(request: HookRequest) -> str | None:
    """Return the first thing in a request, its spec and controller left aside, that no API server keeps, with its path."""
    if protocol.too_deep([request.parent, request.children, request.related]):
        return protocol.TOO_DEEP
    return next(_oddities(request), None)


def _oddities(request: HookRequest) -> Iterator[str]:
    schema = shipped.schemas()["NIMService"]["properties"]["status"]
    status = without_null(request.parent.get("status") or {})
    yield from (
        f"{problem.path}: {problem.text}"
        for problem in structure.check(status, schema, "parent.status")
    )
    yield from _odd_object({"metadata": request.parent.get("metadata")}, "parent")
    for key, groups in (("children", request.children), ("related", request.related)):
        for name, group in groups.items():
            for label, item in group.items():
                yield from _odd_object(item, f"{key}[{name}][{label}]")


def _odd_object(item: JSON, path: str) -> Iterator[str]:
    for key in sorted(_TOP & item.keys()):
        if not isinstance(item[key], dict):
            yield f"{path}.{key}: must be an object"
        yield from _odd(item[key], f"{path}.{key}")
    yield from _odd({key: value for key, value in item.items() if key in _MAPS}, path)


def _odd(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _odd(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            wanted = _unlike(key, item)
            if wanted:
                yield f"{path}.{key}: must be {wanted}"
            elif key not in _MAPS:
                yield from _odd(item, f"{path}.{key}")


def _unlike(key: str, value: Any) -> str | None:
    """Return what a field of a name is to be, or None where it is that."""
    if key in _OBJECTS and not isinstance(value, dict):
        return "an object"
    if (
        key.endswith("emplate")
        and isinstance(value, dict)
        and not isinstance(value.get("spec", {}), dict)
    ):
        return "a template with a spec"
    if key in _LISTS and not (
        isinstance(value, list) and all(isinstance(item, dict) for item in value)
    ):
        return "a list of objects"
    if key == "ports" and any(
        type(item.get("port", item.get("containerPort"))) is not int for item in value
    ):
        return "a list of ports with their numbers"
    if key in _MAPS and not (
        isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    ):
        return "a map of texts"
    if key in _TEXTS and not isinstance(value, str):
        return "text"
    if key in _NUMBERS and type(value) is not int:
        return "a whole number"
    return None

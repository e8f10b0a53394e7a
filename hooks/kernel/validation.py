"""Validation: why a stored spec cannot be built, in one finding with the path and the remedy.

A CustomResourceDefinition that somebody installed by hand may lack rules that the hooks rely on, so
types are checked here too.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from pydantic import ValidationError

from hooks.kernel.api.model import without_null
from hooks.kernel.crd import shipped, structure
from hooks.kernel.crd.structure import Problem
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest

REASON = "InvalidSpec"

LARGEST = 128 * 1024
"""Most bytes of a spec, as JSON.

Dynamic apply records a child in an annotation, and all annotations of an object have 256 KiB. A
ConfigMap has 1 MiB.
"""


def of_types(kind: str, parent: Manifest, error: ValidationError) -> Finding:
    """Return the finding for a parent whose fields have wrong types or values.

    The schema words it where it knows the fault; else pydantic does.
    """
    schema: dict[str, Any] = shipped.schemas().get(kind, {}).get("properties", {}).get("spec", {})
    if problem := next(structure.check(without_null(parent.get("spec")), schema, "spec"), None):
        return Finding(REASON, problem.message, problem.remedy, path=problem.path)
    first = error.errors(include_url=False, include_input=False)[0]
    path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
    ).removeprefix(".")
    return Finding(REASON, f"{first['msg'][0].lower()}{first['msg'][1:]}", "correct it", path=path)


def of_size(spec: Any, most: int = LARGEST, path: str = "spec") -> Finding | None:
    """Return the finding for a spec of more bytes than any child holds, or None.

    It comes before anything else is done with the spec, and names the field that has most of it.
    """
    size = _size(spec)
    if size <= most:
        return None
    message = f"has {size // 1000} kB as JSON, and no child holds more than {most // 1000} kB"
    remedy = "put large contents into a ConfigMap, a volume or an image"
    return Finding(REASON, message, remedy, path=_largest(spec, size, path))


def _largest(value: Any, size: int, path: str) -> str:
    """Return the path of the innermost part that has more than half of a size."""
    for name, part in _parts(value):
        if isinstance(part, dict | list | str) and _size(part) * 2 > size:
            return _largest(part, size, f"{path}{name}")
    return path


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f".{key[:63]}", part) for key, part in value.items())
    elif isinstance(value, list):
        yield from ((f"[{index}]", part) for index, part in enumerate(value))


def _size(value: Any) -> int:
    try:
        return len(orjson.dumps(value))
    except orjson.JSONEncodeError:  # a number of more than 64 bits
        return len(json.dumps(value))


def identities(given: Iterable[tuple[str, Any]]) -> Problem | None:
    """Return the first user or group that the API server would refuse in a pod, or None.

    Args:
        given: the paths of fields within the spec, with their values; those that name neither are
            passed over.
    """
    for path, number in given:
        named = path.rpartition(".")[2].partition("[")[0] in _IDENTITIES
        if named and number is not None and not 0 <= number <= _LARGEST_ID:
            return Problem(f"spec.{path}", f"must be from 0 to {_LARGEST_ID}, is {number}")
    return None


_IDENTITIES = ("userID", "groupID", "runAsUser", "runAsGroup", "fsGroup", "supplementalGroups")
_LARGEST_ID = 2**31 - 1
"""The API server refuses what no 32 bits with a sign hold."""

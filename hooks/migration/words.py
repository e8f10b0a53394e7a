"""Words: the differences between two objects, as short phrases."""

from collections.abc import Iterator
from typing import Any

_NAMES = ("name", "mountPath", "containerPort", "port")
_LISTS = {
    "containers": "container",
    "initContainers": "init container",
    "volumes": "volume",
    "volumeMounts": "mount",
    "env": "variable",
    "ports": "port",
    "labels": "label",
    "annotations": "annotation",
}
"""The noun for one entry of a list or a map."""

_SILENT = ("metadata", "spec")
"""Fields without a word of their own: their entries tell enough."""


def differences(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Yield each difference, for example ``container llama-ctr securityContext added``."""
    old, new = _entries(before), _entries(after)
    if before == after:
        return
    if old is None or new is None:
        change = "added" if before is None else "removed" if after is None else "changed"
        yield f"{where.strip()} {change}"
        return
    for key in [*old, *(key for key in new if key not in old)]:
        name, phrase = key
        inner = where if name in _SILENT else f"{where} {phrase or name}"
        yield from differences(old.get(key), new.get(key), inner)


def _entries(value: Any, noun: str = "") -> dict[tuple[str, str], Any] | None:
    """Return the parts of a value by key and phrase, or None for a value without parts."""
    if isinstance(value, dict):
        entries: dict[tuple[str, str], Any] = {}
        for key, each in value.items():
            inner = _entries(each, _LISTS[key]) if key in _LISTS else None
            entries |= inner if inner is not None else {(key, f"{noun} {key}".strip()): each}
        return entries
    if isinstance(value, list) and noun:
        named = [
            (
                next((str(item[key]) for key in _NAMES if key in item), None)
                if isinstance(item, dict)
                else None,
                item,
            )
            for item in value
        ]
        if all(name is not None for name, _ in named):
            return {(f"{noun} {name}", f"{noun} {name}"): item for name, item in named}
    return None

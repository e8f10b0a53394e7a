"""Dynamic apply: Metacontroller's own three-way merge, with what was applied last in an annotation."""

import json
from typing import Any

from hooks.kernel import threeway
from hooks.kernel.lastapplied import LAST_APPLIED
from hooks.kernel.manifest import Manifest
from hooks.kernel.values import canonical

_SYSTEM = (
    "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields",
)  # fmt: skip


class Unreadable(ValueError):
    """The record of what was applied is not JSON: Metacontroller cannot sync the parent of such a child."""


def updated(observed: Manifest, desired: Manifest) -> Manifest:
    """Return the observed object with the desired one merged in, as it would be written.

    Raises:
        Unreadable: where the record on the observed object is not JSON.
    """
    wanted = _without_annotation(desired)
    new = threeway.merged(observed, last_applied(observed), wanted)
    new["metadata"] = dict(new.get("metadata") or {})
    for name in _SYSTEM:
        _restore(new["metadata"], observed["metadata"], name)
    _restore(new, observed, "status")
    return with_last_applied(new, wanted)


def last_applied(observed: Manifest) -> Manifest:
    """Return what the annotation says was applied last; nothing if there is none or it cannot be read."""
    text = (observed["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"can't unmarshal {LAST_APPLIED} annotation: {error}") from error
    return value if isinstance(value, dict) else {}


def with_last_applied(obj: Manifest, desired: Manifest) -> Manifest:
    """Return the object with the annotation; a value that is no string makes all other annotations disappear."""
    annotations = obj["metadata"].get("annotations") or {}
    readable = all(value is None or isinstance(value, str) for value in annotations.values())
    kept = {key: value or "" for key, value in annotations.items()} if readable else {}
    kept[LAST_APPLIED] = canonical(_without_annotation(desired)).decode()
    return {**obj, "metadata": {**obj["metadata"], "annotations": kept}}


def _without_annotation(desired: Manifest) -> Manifest:
    annotations = (desired.get("metadata") or {}).get("annotations")
    if not isinstance(annotations, dict) or LAST_APPLIED not in annotations:
        return desired
    rest = {key: value for key, value in annotations.items() if key != LAST_APPLIED}
    return {**desired, "metadata": {**desired["metadata"], "annotations": rest}}


def _restore(new: Manifest, observed: Manifest, name: str) -> None:
    value: Any = observed.get(name)
    if name in observed:
        new[name] = value
    else:
        new.pop(name, None)

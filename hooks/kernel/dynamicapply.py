"""Dynamic apply: Metacontroller's own three-way merge, with its record in an annotation."""

import json
from typing import Any

from hooks.kernel import threeway
from hooks.kernel.lastapplied import LAST_APPLIED
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import annotations, mapping, metadata, text
from hooks.kernel.values import canonical

SYSTEM = (
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
)
"""Fields of the metadata that only the API server writes."""


class Unreadable(ValueError):
    """The record of what was applied is not JSON; Metacontroller cannot sync the parent."""


def updated(observed: Manifest, desired: Manifest) -> Manifest:
    """Return the observed object with the desired one merged in, as it would be written.

    Raises:
        Unreadable: where the record on the observed object is not JSON.
    """
    wanted = _without_annotation(desired)
    new = threeway.merged(observed, last_applied(observed), wanted)
    new["metadata"] = dict(metadata(new))
    for name in SYSTEM:
        _restore(new["metadata"], observed["metadata"], name)
    _restore(new, observed, "status")
    return with_last_applied(new, wanted)


def last_applied(observed: Manifest) -> Manifest:
    """Return what the annotation records as last applied; an empty map without an annotation."""
    record = text(annotations(observed).get(LAST_APPLIED))
    if not record:
        return {}
    try:
        value = json.loads(record)
    except ValueError as error:
        raise Unreadable(f"can't unmarshal {LAST_APPLIED} annotation: {error}") from error
    return mapping(value)


def with_last_applied(obj: Manifest, desired: Manifest) -> Manifest:
    """Return the object with the annotation; a value that is not text removes all others."""
    given = annotations(obj)
    readable = all(value is None or isinstance(value, str) for value in given.values())
    kept = {key: value or "" for key, value in given.items()} if readable else {}
    kept[LAST_APPLIED] = canonical(_without_annotation(desired)).decode()
    return {**obj, "metadata": {**obj["metadata"], "annotations": kept}}


def _without_annotation(desired: Manifest) -> Manifest:
    given = annotations(desired)
    if LAST_APPLIED not in given:
        return desired
    rest = {key: value for key, value in given.items() if key != LAST_APPLIED}
    return {**desired, "metadata": {**desired["metadata"], "annotations": rest}}


def _restore(new: Manifest, observed: Manifest, name: str) -> None:
    value: Any = observed.get(name)
    if name in observed:
        new[name] = value
    else:
        new.pop(name, None)

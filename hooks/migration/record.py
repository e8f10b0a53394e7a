"""Record: what NVIDIA's operator applied to a child, recorded as if Metacontroller had applied it.

Without a record, no engine would ever remove a field that the operator set. Dynamic apply removes
the fields that its annotation names and that are no longer desired. Server-side apply removes those
that its field manager alone owns. The migration writes both records, so either engine may follow.
"""

from typing import Any

import orjson

from hooks.cluster.api import Object
from hooks.kernel import lastapplied
from hooks.kernel.values import canonical
from hooks.migration.operator import HASHES, MANAGED_BY
from hooks.nimservice.api import kserve
from hooks.nimservice.kinds import SECRET

_OPEN = {"labels", "annotations", "matchLabels", "nodeSelector", "data", "limits", "requests"}
"""Maps with free keys: somebody set each key, because the API server sets no defaults there."""


def of(child: Object, desired: Object, field_manager: str) -> Object:
    """Return the metadata that records what the operator applied; empty if a record exists.

    If no annotation is desired, the patch removes those of the operator at once: dynamic apply
    would remove those of others together with them.
    """
    if lastapplied.last_annotation(child) or lastapplied.applied_by_server(child, field_manager):
        return {}
    entries: list[Object] = child["metadata"].get("managedFields") or []
    entry: Object | None = next((each for each in entries if _of_operator(each)), None)
    if entries and entry is None:
        return {}
    source = {"fieldsV1": _guessed(child)} if entry is None else entry
    ours, theirs = _divided(source["fieldsV1"], desired)
    if child["kind"] == SECRET.kind and (data := ours.pop("f:data", None)) is not None:
        theirs["f:data"] = data  # an annotation is no place for a key
    metadata = ours.get("f:metadata") or {}
    gone = {} if desired["metadata"].get("annotations") else metadata.pop("f:annotations", {})
    applied = {**source, "manager": field_manager, "operation": "Apply", "fieldsV1": ours}
    bare = {**child, "metadata": {**child["metadata"], "managedFields": [applied]}}
    last = canonical(lastapplied.last_applied(bare, field_manager)).decode()
    record: Object = {
        "annotations": {
            lastapplied.LAST_APPLIED: last,
            **{key.removeprefix("f:"): None for key in gone},
        }
    }
    rest = [
        {**each, "fieldsV1": theirs} if each is entry else each
        for each in entries
        if each is not entry or theirs
    ]
    return record if entry is None else {**record, "managedFields": [*rest, applied]}


def _of_operator(entry: Object) -> bool:
    """Whether a field manager is the operator: it owns the label that names the operator."""
    labels = ((entry.get("fieldsV1") or {}).get("f:metadata") or {}).get("f:labels") or {}
    return (
        entry.get("operation") == "Update"
        and not entry.get("subresource")
        and f"f:{MANAGED_BY}" in labels
    )


def _divided(fields: Object, desired: Object) -> tuple[Object, Object]:
    """Return the fields that Metacontroller owns from now on, and those of the former owner."""
    metadata, body = (
        fields.get("f:metadata") or {},
        {key: each for key, each in fields.items() if key not in ("f:metadata", "f:status")},
    )
    named = {key: each for key, each in metadata.items() if key in ("f:labels", "f:annotations")}
    ours, theirs = _split({"f:metadata": named, **body}, desired)
    kept = {key: each for key, each in metadata.items() if key not in named}
    if kept:
        theirs["f:metadata"] = {**kept, **theirs.get("f:metadata", {})}
    return ours, theirs


def _split(fields: Object, desired: Any, *, free: bool = False) -> tuple[Object, Object]:
    ours: Object = {}
    theirs: Object = {}
    for key, below in fields.items():
        if key == ".":
            continue  # nobody owns the map itself, so that nobody removes the keys of others
        mine, other = _one(key, below, desired, free=free)
        if mine is not None:
            ours[key] = mine
        if other is not None:
            theirs[key] = other
    return ours, theirs


def _one(
    key: str, below: Object, desired: Any, *, free: bool
) -> tuple[Object | None, Object | None]:
    """Return the parts of one field for each side, None for a side without one.

    An entry of a list changes hands whole: with a part of it left behind, no engine could ever
    remove the entry, and an entry with two values in place of one is refused.
    """
    if key.startswith(("v:", "k:")):
        return below, None
    name = key[2:]
    if name in HASHES:
        return None, below
    if isinstance(desired, dict) and name in desired:
        if not below:
            return below, None
        mine, other = _split(below, desired[name], free=name in _OPEN)
        return mine or None, other or None
    # KServe scales on what the operator left there, whatever is desired.
    if free or name in kserve.SCALING:
        return below, None
    if name in _OPEN or any(part.startswith("k:") for part in below):
        mine, other = _split(below, None, free=True)
        return mine or None, other or None
    return None, below


def _guessed(child: Object) -> Object:
    """Return all fields of an object, for one that was saved without its managed fields."""
    metadata = {
        key: child["metadata"][key]
        for key in ("labels", "annotations")
        if child["metadata"].get(key)
    }
    rest = {
        key: each
        for key, each in child.items()
        if key not in ("apiVersion", "kind", "metadata", "status")
    }
    return _fields({"metadata": metadata, **rest})


def _fields(value: Any) -> Object:
    if isinstance(value, dict):
        return {f"f:{key}": _fields(each) for key, each in value.items()}
    if (
        isinstance(value, list)
        and value
        and all(isinstance(each, dict) and "name" in each for each in value)
    ):
        return {
            f"k:{orjson.dumps({'name': each['name']}).decode()}": {".": {}, **_fields(each)}
            for each in value
        }
    return {}

"""Record: what NVIDIA's operator applied to a child, written down as if Metacontroller had applied it.

Without a record nothing that the operator set could ever be taken away again: dynamic apply removes what its annotation names and
is not wanted, the server what the manager of the last apply owns alone. Both are written, so either engine may follow.
"""

from typing import Any

import orjson

from hooks.cluster.api import Object
from hooks.kernel import lastapplied
from hooks.kernel.values import canonical
from hooks.migration.operator import HASHES, MANAGED_BY

_OPEN = {"labels", "annotations", "matchLabels", "nodeSelector", "data", "limits", "requests"}
"""Maps whose keys are free: a key that is not wanted was set by somebody, and is no default of the API server."""


def of(child: Object, desired: Object, field_manager: str) -> Object:
    """Return the metadata by which a child remembers what the operator applied; none where it remembers something already.

    Annotations that are not wanted go at once where no annotation is wanted: dynamic apply would take those of others with them.
    """
    if lastapplied.last_annotation(child) or lastapplied.applied_by_server(child, field_manager):
        return {}
    entries: list[Object] = child["metadata"].get("managedFields") or []
    entry: Object | None = next((each for each in entries if _of_operator(each)), None)
    if entries and entry is None:
        return {}
    source = {"fieldsV1": _guessed(child)} if entry is None else entry
    ours, theirs = _divided(source["fieldsV1"], desired)
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
    """Whether a manager is the operator: whoever wrote that it manages the child."""
    labels = ((entry.get("fieldsV1") or {}).get("f:metadata") or {}).get("f:labels") or {}
    return (
        entry.get("operation") == "Update"
        and not entry.get("subresource")
        and f"f:{MANAGED_BY}" in labels
    )


def _divided(fields: Object, desired: Object) -> tuple[Object, Object]:
    """Return the fields that are Metacontroller's from now on, and those that stay as they are."""
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
            continue  # the map itself: nobody's, so that nobody removes what others have put into it
        mine, other = _one(key, below, desired, free=free)
        if mine is not None:
            ours[key] = mine
        if other is not None:
            theirs[key] = other
    return ours, theirs


def _one(
    key: str, below: Object, desired: Any, *, free: bool
) -> tuple[Object | None, Object | None]:
    """Return the parts of one field for either side, None for a side without one."""
    if key.startswith("v:"):
        return below, None
    if key.startswith("k:"):
        wanted = _item(orjson.loads(key[2:]), desired)
        if wanted is None:
            return below, None
        mine, other = _split(below, wanted)
        return {".": {}, **mine}, other or None
    name = key[2:]
    if name in HASHES:
        return None, below
    if isinstance(desired, dict) and name in desired:
        if not below:
            return below, None
        mine, other = _split(below, desired[name], free=name in _OPEN)
        return mine or None, other or None
    if free:
        return below, None
    if name in _OPEN or any(part.startswith("k:") for part in below):
        mine, other = _split(below, None, free=True)
        return mine or None, other or None
    return None, below


def _item(keys: Object, items: Any) -> Any:
    """Return the item of a list with these keys; one that it does not say is the default."""
    if not isinstance(items, list):
        return None
    return next(
        (
            item
            for item in items
            if isinstance(item, dict)
            and all(item.get(name, keys[name]) == keys[name] for name in keys)
        ),
        None,
    )


def _guessed(child: Object) -> Object:
    """Return the fields of an object that was saved without its managed fields: all that it has."""
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

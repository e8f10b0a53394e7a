"""Last applied: an existing child exactly as Metacontroller last applied it.

A child is held this way while an input for it is missing. Leaving it out of an answer would delete
it, and building it from incomplete inputs would restart its pods. Dynamic apply records what was
applied in an annotation, server-side apply in ``managedFields``.
"""

from datetime import datetime
from typing import Any

import orjson

from hooks.kernel import strict
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, moment
from hooks.kernel.protocol import too_deep

LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration"
OWNER_LABEL = "controller-uid"

KSERVE_CONTAINER = "kserve-container"
"""The name that KServe's webhook gives to the only container of an InferenceService."""

MANAGED_FIELDS = ("metadata", "managedFields")
"""Where the API server records who manages which fields of an object."""


def last_applied(child: Manifest, field_manager: str) -> Manifest:
    """Return an observed child as it was last applied.

    Args:
        child: the observed child.
        field_manager: the manager whose fields count under server-side apply.

    Raises:
        BadRequest: where the child is not as an API server keeps it.
    """
    applied = last_annotation(strict.shallow(child)) or _owned(child, field_manager) or child
    metadata = mapping(applied.get("metadata"))
    kept = {
        "name": child["metadata"]["name"],
        "namespace": child["metadata"].get("namespace"),
        "labels": _texts(metadata.get("labels"), without=OWNER_LABEL),
        "annotations": _texts(metadata.get("annotations"), without=LAST_APPLIED),
    }
    rest = {
        key: value
        for key, value in applied.items()
        if key not in ("metadata", "status", "apiVersion", "kind")
    }
    return {
        "apiVersion": child["apiVersion"],
        "kind": child["kind"],
        "metadata": {key: value for key, value in kept.items() if value},
        **_scaled(child, _renamed(child, rest)),
    }


def _scaled(child: Manifest, applied: Manifest) -> Manifest:
    """Return the applied fields with the observed number of replicas, so that a hold never scales.

    An autoscaler may have changed the number since it was applied.
    """
    spec, current = mapping(applied.get("spec")), strict.number(child, "spec", "replicas")
    if "replicas" not in spec or current is None:
        return applied
    return {**applied, "spec": {**spec, "replicas": current}}


def _renamed(child: Manifest, applied: Manifest) -> Manifest:
    """Return the applied fields with KServe's name for the only container.

    Under its old name the container would be a second one.
    """
    if child["kind"] != "InferenceService":
        return applied
    spec = mapping(applied.get("spec"))
    predictor = mapping(spec.get("predictor"))
    containers = mappings(predictor.get("containers"))
    observed = strict.mappings(child, "spec", "predictor", "containers")
    if len(containers) != 1 or [each.get("name") for each in observed] != [KSERVE_CONTAINER]:
        return applied
    renamed = {**predictor, "containers": [{**containers[0], "name": KSERVE_CONTAINER}]}
    return {**applied, "spec": {**spec, "predictor": renamed}}


def _texts(given: Any, *, without: str) -> dict[str, str]:
    """Return the labels or annotations that are text, without one of them.

    People can edit the record, and a single value of another type fails the whole sync.
    """
    return {
        key: value
        for key, value in mapping(given).items()
        if isinstance(value, str) and key != without
    }


def applied_by_server(child: Manifest, field_manager: str) -> Manifest | None:
    """Return the fields (as fieldsV1) that a manager owns by server-side apply, or None."""
    for index, entry in enumerate(strict.mappings(child, *MANAGED_FIELDS)):
        if _applies(entry, field_manager):
            return strict.mapping(child, *MANAGED_FIELDS, index, "fieldsV1") or None
    return None


def applied_at(child: Manifest, field_manager: str) -> datetime | None:
    """Return when a manager's server-side apply last changed a child; None under dynamic apply."""
    if last_annotation(child) is not None:
        return None
    entries = strict.mappings(child, *MANAGED_FIELDS)
    return next(
        (moment(entry.get("time")) for entry in entries if _applies(entry, field_manager)), None
    )


def _applies(entry: Manifest, field_manager: str) -> bool:
    return (
        entry.get("manager") == field_manager
        and entry.get("operation") == "Apply"
        and not entry.get("subresource")
    )


def last_annotation(child: Manifest) -> Manifest | None:
    """Return what dynamic apply recorded on a child, or None for no record or an invalid one."""
    try:
        document = orjson.loads(strict.text(child, "metadata", "annotations", LAST_APPLIED))
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict) or too_deep(document):
        return None
    alike = all(
        isinstance(document[key], type(child[key])) for key in document.keys() & child.keys()
    )
    return document if alike else None


def _owned(child: Manifest, field_manager: str) -> Manifest | None:
    fields = applied_by_server(child, field_manager)
    try:
        return _pick(child, fields) if fields else None
    except _UnreadableKeyError:
        raise strict.odd(child, MANAGED_FIELDS, "a record of fields (fieldsV1)") from None


def _pick(value: Any, fields: Manifest) -> Any:
    """Return the parts of a value that fieldsV1 names.

    ``f:`` names a key, ``k:`` an item by its keys, ``v:`` an item by its value.
    """
    if isinstance(value, dict):
        named = {
            key[2:]: below if isinstance(below, dict) else {}
            for key, below in fields.items()
            if key.startswith("f:")
        }
        return {
            key: _pick(item, named[key]) if named[key] else item
            for key, item in value.items()
            if key in named
        }
    if isinstance(value, list):
        entries = _Entries(fields)
        return [
            _pick(item, below) if below else item
            for item in value
            if (below := entries.of(item)) is not None
        ]
    return value


class _UnreadableKeyError(Exception):
    """A key of fieldsV1 names no item of a list."""


class _Entries:
    """The items of a list that fieldsV1 names, indexed: a search for each of thousands is slow."""

    def __init__(self, fields: Manifest) -> None:
        self._keyed: dict[tuple[str, ...], dict[bytes, Manifest]] = {}
        self._values: set[bytes] = set()
        for key, below in fields.items():
            if key.startswith("k:"):
                keys = _keys(key)
                self._keyed.setdefault(tuple(sorted(keys.keys())), {})[_text(keys)] = (
                    below if isinstance(below, dict) else {}
                )
            elif key.startswith("v:"):
                self._values.add(_text(_json(key)))

    def of(self, item: Any) -> Manifest | None:
        """Return the fields of an item, an empty map for all of it, or None if it is not named."""
        if isinstance(item, dict):
            for names, found in self._keyed.items():
                below = found.get(_text({name: item.get(name) for name in names}))
                if below is not None:
                    return below
        return {} if self._values and _text(item) in self._values else None


def _keys(key: str) -> Manifest:
    keys = _json(key)
    if not isinstance(keys, dict):
        raise _UnreadableKeyError
    return keys


def _json(key: str) -> Any:
    try:
        return orjson.loads(key[2:])
    except orjson.JSONDecodeError:
        raise _UnreadableKeyError from None


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

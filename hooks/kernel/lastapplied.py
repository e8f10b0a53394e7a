"""Last applied: which fields of an existing child Metacontroller applied, and their values.

A child is held by these fields while an input for it is missing. Leaving it out of an answer would
delete it, and building it from incomplete inputs would restart its pods. Dynamic apply records what
was applied in an annotation, server-side apply in ``managedFields``.

Whoever may edit a child may write either record, and Metacontroller has more rights than they. So a
hold takes from the records only which fields are ours, and their values from the observed child.
What either record names counts: a forged one can add what is live, and takes nothing away. What a
record says of values only serves to compare.

Without a record no field is ours: the next answer would remove what a hold claims and it lacks.
"""

import functools
from datetime import datetime
from typing import Any, Literal

import orjson

from hooks.kernel import strict, threeway
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, moment
from hooks.kernel.protocol import too_deep

LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration"
OWNER_LABEL = "controller-uid"

KSERVE_CONTAINER = "kserve-container"
"""The name that KServe's webhook gives to the only container of an InferenceService."""

MANAGED_FIELDS = ("metadata", "managedFields")
"""Where the API server records who manages which fields of an object."""


_GRANTS = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
"""Kinds that give rights: of them not even the fields are taken from a record."""

_KEY_SETS = 4
"""How many different sets of keys may tell the items of one list apart; Kubernetes has one."""


def held(child: Manifest, field_manager: str) -> Manifest:
    """Return an observed child with the fields that were last applied, at their observed values.

    Applying it changes nothing, whoever wrote the record. Without a record it has its name only.

    Args:
        child: the observed child.
        field_manager: the manager whose fields count under server-side apply.

    Raises:
        BadRequest: where the child is not as an API server keeps it.
    """
    record = _recorded(strict.shallow(child))
    named = [_in_record(child, _renamed(child, record))] if record else []
    if (owned := _owned(child, field_manager)) is not None:
        named.append(owned)
    applied = _taken(child, functools.reduce(_both, named)) if named else _unrecorded(child)
    if child["kind"] in _GRANTS:
        applied = {**child, "metadata": applied.get("metadata")}
    return _answered(child, applied)


def last_applied(child: Manifest, field_manager: str) -> Manifest:
    """Return an observed child as it was last applied, to compare with what is desired.

    Never answer it: whoever may edit the child may have written the values. ``held`` is to answer.

    Args:
        child: the observed child.
        field_manager: the manager whose fields count under server-side apply.

    Raises:
        BadRequest: where the child is not as an API server keeps it.
    """
    record = _recorded(strict.shallow(child))
    return _answered(child, record or _server_side(child, field_manager) or _unrecorded(child))


def differs(child: Manifest, wanted: Manifest, field_manager: str) -> bool:
    """Whether applying a desired child would change the spec of the observed one.

    Fields that others have set do not count. The API server's own record goes before the
    annotation, which anybody may write.

    Args:
        child: the observed child.
        wanted: the desired child.
        field_manager: the manager whose fields count under server-side apply.

    Raises:
        BadRequest: where the child is not as an API server keeps it.
    """
    found = strict.mapping(strict.shallow(child), "spec")
    applied = _server_side(child, field_manager) or last_applied(child, field_manager)
    last = mapping(applied.get("spec"))
    return threeway.merged(found, last, mapping(wanted.get("spec"))) != found


def _answered(child: Manifest, applied: Manifest) -> Manifest:
    """Return the applied fields of a child as an answer has them."""
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


_Parts = dict[str | int, Any] | Literal["all"]
"""Which keys or positions of a value are ours, each with the parts of what is there."""


def _whole(value: Any, parts: dict[Any, _Parts]) -> _Parts:
    """Return the parts of a map or list, in one word where they are all of it."""
    everything = len(parts) == len(value) and all(part == "all" for part in parts.values())
    return "all" if everything and parts else parts


def _taken(value: Any, parts: _Parts) -> Any:
    """Return the parts of a value."""
    if parts == "all":
        return value
    if isinstance(value, dict):
        return {key: _taken(item, parts[key]) for key, item in value.items() if key in parts}
    return [_taken(item, parts[place]) for place, item in enumerate(value) if place in parts]


def _both(one: _Parts, other: _Parts) -> _Parts:
    """Return what is in either of two parts of the same value."""
    if one == "all" or other == "all":
        return "all"
    return {
        key: _both(one[key], other[key]) if key in one and key in other else {**one, **other}[key]
        for key in one.keys() | other.keys()
    }


def _in_record(value: Any, record: Any) -> _Parts:
    """Return the parts of an observed value that a record of dynamic apply has, too.

    Lists are matched as dynamic apply does; one that it replaces whole is taken whole.
    """
    if isinstance(value, dict) and isinstance(record, dict):
        parts = {key: _in_record(item, record[key]) for key, item in value.items() if key in record}
        return _whole(value, parts)
    if isinstance(value, list) and isinstance(record, list):
        key = threeway.merge_key([*value, *record])
        if key is None:
            return "all"
        named = {threeway.text_of(item[key]): item for item in record}
        items = {
            place: _in_record(item, named[name])
            for place, item in enumerate(value)
            if (name := threeway.text_of(item[key])) in named
        }
        return _whole(value, items)
    return "all"


def _scaled(child: Manifest, applied: Manifest) -> Manifest:
    """Return the applied fields with the observed number of replicas.

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
    if not isinstance(document, dict):
        return None
    alike = all(
        isinstance(document[key], type(child[key])) for key in document.keys() & child.keys()
    )
    return document if alike else None


def _recorded(child: Manifest) -> Manifest | None:
    """Return what dynamic apply recorded, or None where no answer could repeat it."""
    document = last_annotation(child)
    return None if too_deep(document) else document


def _unrecorded(child: Manifest) -> Manifest:
    """Return what is ours of a child without a record that an answer could repeat.

    Dynamic apply may still remove the fields of a record that only the hooks refuse.
    """
    return child if strict.text(child, "metadata", "annotations", LAST_APPLIED) else {}


def _server_side(child: Manifest, field_manager: str) -> Manifest | None:
    """Return the fields of a child that server-side apply set, or None if it set none."""
    parts = _owned(child, field_manager)
    return None if parts is None else _taken(child, parts)


def _owned(child: Manifest, field_manager: str) -> _Parts | None:
    """Return which parts of a child a manager owns by server-side apply, or None."""
    fields = applied_by_server(child, field_manager)
    others = [
        mapping(entry.get("fieldsV1"))
        for entry in strict.mappings(child, *MANAGED_FIELDS)
        if not _applies(entry, field_manager)
    ]
    try:
        return _pick(child, fields, others) if fields else None
    except _UnreadableKeyError:
        raise strict.odd(child, MANAGED_FIELDS, "a record of fields (fieldsV1)") from None


def _pick(value: Any, fields: Manifest, others: list[Manifest]) -> _Parts:
    """Return the parts of a value that fieldsV1 names.

    ``f:`` names a key, ``k:`` an item by its keys, ``v:`` an item by its value. Nothing below a
    name is an atomic value, or an empty one that others may have filled.
    """
    if not fields:
        return _without(value, others)
    if isinstance(value, dict):
        named = {key[2:]: mapping(below) for key, below in fields.items() if key.startswith("f:")}
        parts = {
            key: _pick(item, named[key], _below(others, f"f:{key}"))
            for key, item in value.items()
            if key in named
        }
        return _whole(value, parts)
    if isinstance(value, list):
        entries, theirs = _Entries(fields), [_Entries(each) for each in others]
        items = {
            place: _pick(item, below, [found for each in theirs if (found := each.of(item))])
            for place, item in enumerate(value)
            if (below := entries.of(item)) is not None
        }
        return _whole(value, items)
    return "all"


def _without(value: Any, others: list[Manifest]) -> _Parts:
    """Return the parts of a value that fieldsV1 of others does not name."""
    if not others or not isinstance(value, dict | list):
        return "all"
    if isinstance(value, dict):
        return {key: "all" for key in value if not any(f"f:{key}" in each for each in others)}
    theirs = [_Entries(each) for each in others]
    return {
        place: "all"
        for place, item in enumerate(value)
        if all(each.of(item) is None for each in theirs)
    }


def _below(entries: list[Manifest], key: str) -> list[Manifest]:
    return [below for each in entries if (below := mapping(each.get(key)))]


class _UnreadableKeyError(Exception):
    """A key of fieldsV1 names no item of a list, as an API server would."""


class _Entries:
    """The items of a list that fieldsV1 names, indexed: a search for each of thousands is slow."""

    def __init__(self, fields: Manifest) -> None:
        self._keyed: dict[tuple[str, ...], dict[str, Manifest]] = {}
        self._values: set[str] = set()
        for key, below in fields.items():
            if key.startswith("k:"):
                keys = _keys(key)
                self._keyed.setdefault(tuple(sorted(keys.keys())), {})[_text(keys)] = (
                    below if isinstance(below, dict) else {}
                )
                if len(self._keyed) > _KEY_SETS:
                    raise _UnreadableKeyError  # each costs a search for every item
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


def _text(value: Any) -> str:
    # As text: orjson's bytes keep the kilobytes of its buffer, for each of thousands of items.
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

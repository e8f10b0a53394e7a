"""Field manager: keeps ``managedFields``, the owner of each field, for server-side apply."""

from typing import NamedTuple

from hooks.cluster.api import ApiError, Conflict, Object
from nimservice_simulator.apiserver import fieldset, merge
from nimservice_simulator.apiserver.fieldset import Fields
from nimservice_simulator.apiserver.shape import Shape

_SYSTEM = (
    "name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "managedFields", "selfLink",
)  # fmt: skip


class Author(NamedTuple):
    """Who writes, when, and through which subresource."""

    manager: str
    now: str
    subresource: str = ""


def updated(old: Object | None, asked: Object, author: Author, shape: Shape) -> list[Object]:
    """Return the managedFields after a manager's plain write.

    It owns the fields that it changed; others lose them. The time of its entry is that of its last
    change, be it only of a value.

    What the server itself adds to what was asked for, an address for example, belongs to nobody.
    """
    changed, removed = fieldset.changes(_ownable(old or {}), _ownable(asked), shape)
    touched = fieldset.union(changed, removed)
    entries = []
    mine = _entry(asked, author, "Update", changed)
    for entry in (old or {}).get("metadata", {}).get("managedFields") or []:
        if _identity(entry) == _identity(mine):
            fields = fieldset.union(fieldset.difference(entry["fieldsV1"], removed), changed)
            mine = {**mine, "fieldsV1": fields} if touched else entry
        else:
            entries.append(_less(entry, touched))
    return _sorted([*entries, mine])


def applied(
    live: Object | None, config: Object, *, manager: str, force: bool, shape: Shape
) -> Object:
    """Return the live object with an applied configuration merged in, with its old managedFields.

    Raises Conflict, naming the owners, if other managers own a field with another value and force
    is not given.
    """
    problems = list(merge.key_problems(config, shape))
    if problems:
        raise ApiError(f"failed to create typed patch object: {'; '.join(problems)}")
    if live is None:
        return config
    entries = live["metadata"].get("managedFields") or []
    mine, others = _split(entries, manager)
    wanted = claimed(config, shape)
    result: Object = merge.merged(live, config, shape)
    if not force:
        _refuse_conflicts(live, result, wanted, others, shape)
    foreign: Fields = {}
    for entry in others:
        foreign = fieldset.union(foreign, entry["fieldsV1"])
    pruned: Object = merge.pruned(result, mine["fieldsV1"] if mine else {}, wanted, foreign, shape)
    return pruned


def settled(
    live: Object | None, merged: Object, config: Object, author: Author, shape: Shape
) -> list[Object]:
    """Return the managedFields after an apply.

    The manager owns its configuration; others lose what it overwrote.

    That is told by the object as merged, before the server's defaults: a default that comes back
    was taken over all the same.
    """
    wanted = claimed(config, shape)
    mine, others = _split(
        (live or {}).get("metadata", {}).get("managedFields") or [], author.manager
    )
    changed, removed = fieldset.changes(_ownable(live or {}), _ownable(merged), shape)
    lost = fieldset.union(fieldset.intersection(changed, wanted), removed)
    entry = _entry(config, author, "Apply", wanted)
    unchanged = mine and mine["fieldsV1"] == wanted and mine["apiVersion"] == entry["apiVersion"]
    # Another value is a write, too, and renews the time of the entry.
    kept = mine if mine and unchanged and not lost else entry
    return _sorted([*(_less(other, lost) for other in others), kept])


def claimed(config: Object, shape: Shape) -> Fields:
    """Return the fields that a configuration claims when it is applied."""
    return fieldset.of(_ownable(config), shape)


def _refuse_conflicts(
    live: Object, result: Object, wanted: Fields, others: list[Object], shape: Shape
) -> None:
    changed, _ = fieldset.changes(_ownable(live), _ownable(result), shape)
    contested = fieldset.intersection(changed, wanted)
    conflicts = [
        f'conflict with "{entry["manager"]}": {path}'
        for entry in others
        for path in fieldset.paths(fieldset.intersection(entry["fieldsV1"], contested))
    ]
    if conflicts:
        raise Conflict(f"Apply failed with {len(conflicts)} conflict(s): {'; '.join(conflicts)}")


def _split(entries: list[Object], manager: str) -> tuple[Object | None, list[Object]]:
    mine = [
        entry
        for entry in entries
        if (entry["manager"], entry["operation"], entry.get("subresource"))
        == (manager, "Apply", None)
    ]
    return (mine[0] if mine else None), [entry for entry in entries if entry not in mine]


def _ownable(obj: Object) -> Object:
    """Return the part of an object that managers can own."""
    metadata = {
        name: value for name, value in obj.get("metadata", {}).items() if name not in _SYSTEM
    }
    rest = {
        name: value for name, value in obj.items() if name not in ("apiVersion", "kind", "metadata")
    }
    return {**({"metadata": metadata} if metadata else {}), **rest}


def _less(entry: Object, fields: Fields) -> Object:
    rest = fieldset.difference(entry["fieldsV1"], fields)
    return entry if rest == entry["fieldsV1"] else {**entry, "fieldsV1": rest}


def _entry(obj: Object, author: Author, operation: str, fields: Fields) -> Object:
    entry = {
        "manager": author.manager, "operation": operation, "apiVersion": obj["apiVersion"], "time": author.now,
        "fieldsType": "FieldsV1", "fieldsV1": fields,
    }  # fmt: skip
    return entry | ({"subresource": author.subresource} if author.subresource else {})


def _identity(entry: Object) -> tuple[str, ...]:
    return entry["manager"], entry["operation"], entry["apiVersion"], entry.get("subresource") or ""


def _sorted(entries: list[Object]) -> list[Object]:
    return sorted(
        (entry for entry in entries if entry["fieldsV1"]),
        key=lambda entry: (entry["operation"], entry["time"], _identity(entry)),
    )

"""Intake: what happens to an object on its way in: read, pruned, defaulted, checked."""

from collections.abc import Callable
from typing import Any

from hooks.cluster.api import BadRequest, Conflict, Forbidden, Invalid, Object, Resource
from hooks.kernel.values import copied, same, whole_numbers
from nimservice_simulator.apiserver import merge, metadata, typed
from nimservice_simulator.apiserver.definition import Definition
from nimservice_simulator.apiserver.registry import Registry

Admission = Callable[[Object, Object | None], str | None]
"""Given the new and the old object, returns why the write is refused, or None."""


def read(registry: Registry, obj: Object) -> tuple[Object, Definition]:
    """Return a copy in the version stored, its namespace settled, and its kind.

    Raise BadRequest or NotFound.
    """
    if not isinstance(obj.get("apiVersion"), str) or not isinstance(obj.get("kind"), str):
        raise BadRequest("apiVersion and kind must be set")
    metadata.check_strings(obj)
    definition = registry.definition(Resource(obj["apiVersion"], obj["kind"], ""))
    new = copied(obj)
    new["apiVersion"] = definition.versions[0]
    if not definition.namespaced:
        new["metadata"].pop("namespace", None)
    elif not new["metadata"].get("namespace"):
        raise BadRequest("an empty namespace may not be set during creation")
    return new, definition


def normalised(definition: Definition, new: Object) -> Object:
    """Return the object pruned, without what its types lose, and defaulted.

    The given one may be changed.
    """
    entries = new["metadata"].pop("managedFields", None)
    pruned = definition.prune(new) if definition.prune else new
    new = typed.normalised(pruned) if definition.typed else whole_numbers(pruned)
    new["metadata"] = metadata.without_empty(new["metadata"])
    try:
        definition.default(new)
    except (AttributeError, TypeError, KeyError) as error:
        raise BadRequest(
            f"{new['kind']} in version {new['apiVersion']} cannot be handled: {error}"
        ) from error
    if entries:
        new["metadata"]["managedFields"] = entries
    return new


def normalised_status(definition: Definition, old: Object, status: Object) -> Object | None:
    """Return a status pruned and defaulted as that of the old object.

    It is None if nothing is left.
    """
    head = {"apiVersion": old["apiVersion"], "kind": old["kind"], "metadata": {}}
    return normalised(definition, {**head, "status": status}).get("status")


def check(definition: Definition, new: Object, old: Object | None, rules: list[Admission]) -> None:
    """Raise Invalid for a value that the kind refuses, Forbidden for one that admission does."""
    # a plain write may repeat a variable or a port, but not leave out what tells items apart
    found = [
        problem
        for problem in merge.key_problems(new, definition.merging)
        if problem.endswith("Required value")
    ]
    found += [*metadata.problems(new), *([] if found else definition.problems(new, old))]
    if old is not None:
        found += [
            f"{path}: Invalid value: field is immutable"
            for path in definition.immutable
            if not same(_at(old, path), _at(new, path))
        ]
    name = new["metadata"].get("name")
    if found:
        raise Invalid(f'{definition.kind} "{name}" is invalid: {"; ".join(found)}')
    for rule in rules:
        refusal = rule(new, old)
        if refusal:
            raise Forbidden(f'{definition.dotted} "{name}" is forbidden: {refusal}')


def check_current(old: Object, sent: Object) -> None:
    """Raise Conflict if what was sent is about another object, or another state of it."""
    meta = sent["metadata"]
    if meta.get("uid") and meta["uid"] != old["metadata"]["uid"]:
        raise Conflict(
            f"the UID in the precondition ({meta['uid']}) does not match the UID in record ({old['metadata']['uid']})"
        )
    if (
        meta.get("resourceVersion")
        and meta["resourceVersion"] != old["metadata"]["resourceVersion"]
    ):
        raise Conflict(
            "the object has been modified; please apply your changes to the latest version and try again"
        )


def wanted(obj: Object) -> Object:
    """Return the part of an object whose changes its generation counts."""
    return {
        name: value
        for name, value in obj.items()
        if name not in ("metadata", "status", "apiVersion", "kind")
    }


def _at(obj: Object, path: str) -> Any:
    value: Any = obj
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value

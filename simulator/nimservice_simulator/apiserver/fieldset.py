"""Field set: which fields a manager owns, as the tree that ``managedFields`` holds.

A node without entries is a field; a node with entries is an inner one, itself owned if it has the
entry ``.``.
"""

import json
from functools import cache
from typing import Any, NamedTuple

from nimservice_simulator.apiserver.shape import Shape

Fields = dict[str, Any]


def of(value: Any, shape: Shape) -> Fields:
    """Return the fields that applying this map claims."""
    shapes = {name: shape.field(name) for name in value}
    # an empty list with keys claims nothing, not even itself
    named = [
        name
        for name, inner in shapes.items()
        if value[name] != [] or not (inner.keys or inner.is_set)
    ]
    return {f"f:{name}": _claimed(value[name], shapes[name]) for name in named}


def _claimed(value: Any, shape: Shape) -> Fields:
    if shape.atomic or not value:
        return {}
    if isinstance(value, dict):
        return of(value, shape)
    if isinstance(value, list) and shape.is_set:
        return {item_key(shape, item): {} for item in value}
    if isinstance(value, list) and shape.keys:
        return {
            item_key(shape, item): {}
            if shape.item().atomic
            else {".": {}, **of(item, shape.item())}
            for item in value
        }
    return {}


def item_key(shape: Shape, item: Any) -> str:
    """Return the name of a list item in the tree."""
    if shape.is_set:
        return "v:" + json.dumps(item, separators=(",", ":"))
    return _key_text(shape.keys, shape.key(item))


@cache
def _key_text(names: tuple[str, ...], values: tuple[Any, ...]) -> str:
    return "k:" + json.dumps(dict(sorted(zip(names, values, strict=True))), separators=(",", ":"))


class Changes(NamedTuple):
    """The fields that an update touched."""

    changed: Fields
    """Added, or with another value."""
    removed: Fields


def changes(old: Any, new: Any, shape: Shape) -> Changes:
    """Return the fields of a map that an update added or changed, and those that it removed."""
    found = Changes({}, {})
    for name in {**old, **new}:
        _compare(f"f:{name}", old.get(name), new.get(name), shape.field(name), found)
    return found


def _compare(key: str, old: Any, new: Any, shape: Shape, into: Changes) -> None:
    if old == new:
        return
    if shape.always and (old is None or new is None):
        empty: Any = [] if isinstance(new if old is None else old, list) else {}
        _compare(key, empty if old is None else old, empty if new is None else new, shape, into)
    elif old is None:
        into.changed[key] = _whole(new, shape)
    elif new is None:
        into.removed[key] = _whole(old, shape)
    elif isinstance(old, dict) and isinstance(new, dict) and not shape.atomic:
        _nest(key, changes(old, new, shape), into)
    elif isinstance(old, list) and isinstance(new, list) and (shape.keys or shape.is_set):
        before, after = ({item_key(shape, item): item for item in items} for items in (old, new))
        inner = Changes({}, {})
        for name in {**before, **after}:
            _compare(name, before.get(name), after.get(name), shape.item(), inner)
        _nest(key, inner, into)
    else:
        into.changed[key] = {}


def _nest(key: str, inner: Changes, into: Changes) -> None:
    for source, target in zip(inner, into, strict=True):
        if source:
            target[key] = source


def _whole(value: Any, shape: Shape) -> Fields:
    """Return a value's fields and the nodes between them: a change from nothing touches all."""
    inner = _claimed(value, shape)
    return {".": {}, **{key: _marked(node) for key, node in inner.items()}} if inner else {}


def _marked(node: Fields) -> Fields:
    return (
        {".": {}, **{key: _marked(child) for key, child in node.items() if key != "."}}
        if node
        else {}
    )


def union(left: Fields, right: Fields) -> Fields:
    """Return the fields of either."""
    result = dict(left)
    for key, node in right.items():
        result[key] = (
            _node(_is_field(left[key]) or _is_field(node), union(_inner(left[key]), _inner(node)))
            if key in left
            else node
        )
    return result


def difference(left: Fields, right: Fields) -> Fields:
    """Return the fields of the first that are not of the second."""
    result: Fields = {}
    for key, node in left.items():
        if key not in right:
            result[key] = node
            continue
        owned, inner = (
            _is_field(node) and not _is_field(right[key]),
            difference(_inner(node), _inner(right[key])),
        )
        if owned or inner:
            result[key] = _node(owned, inner)
    return result


def intersection(left: Fields, right: Fields) -> Fields:
    """Return the fields of both."""
    result: Fields = {}
    for key in left:
        if key not in right:
            continue
        owned, inner = (
            _is_field(left[key]) and _is_field(right[key]),
            intersection(_inner(left[key]), _inner(right[key])),
        )
        if owned or inner:
            result[key] = _node(owned, inner)
    return result


def paths(fields: Fields, prefix: str = "") -> list[str]:
    """Return the fields as dotted paths, for messages."""
    found: list[str] = []
    for key, node in sorted(fields.items()):
        if key == ".":
            continue
        kind, _, name = key.partition(":")
        path = f"{prefix}.{name}" if kind == "f" else f"{prefix}[{name}]"
        found += [path] * _is_field(node) + paths(_inner(node), path)
    return found


def _is_field(node: Fields) -> bool:
    return not node or "." in node


def _inner(node: Fields) -> Fields:
    return {key: child for key, child in node.items() if key != "."}


def _node(owned: bool, inner: Fields) -> Fields:
    return {".": {}, **inner} if owned and inner else inner

"""Merge: what server-side apply makes of the stored object, the applied one and who owns what."""

from collections.abc import Iterator
from typing import Any

from nimservice_simulator.apiserver import fieldset
from nimservice_simulator.apiserver.fieldset import Fields
from nimservice_simulator.apiserver.shape import Shape


def merged(live: Any, applied: Any, shape: Shape) -> Any:
    """Return the live value with the applied one on top."""
    if shape.atomic or live is None:
        return applied
    if isinstance(live, dict) and isinstance(applied, dict):
        return {
            **live,
            **{
                name: merged(live.get(name), value, shape.field(name))
                for name, value in applied.items()
            },
        }
    if isinstance(live, list) and isinstance(applied, list) and (shape.keys or shape.is_set):
        return _merged_list(live, applied, shape)
    return applied


def _merged_list(live: list[Any], applied: list[Any], shape: Shape) -> list[Any]:
    """Merge by key: applied items in their order, with items of the live list in between.

    An item that only the live list has stays before the shared item that it precedes there.
    """
    before, wanted = ({shape.key(item): item for item in items} for items in (live, applied))
    result, rest, order = [], list(before), list(wanted)
    for position, key in enumerate(order):
        shared = next((later for later in order[position:] if later in before), None)
        while rest and rest[0] != shared:
            passed = rest.pop(0)
            if passed not in wanted:
                result.append(before[passed])
        result.append(merged(before.get(key), wanted[key], shape.item()))
        if rest and rest[0] == key:
            rest.pop(0)
    return result + [before[key] for key in rest if key not in wanted]


def pruned(value: Any, last: Fields, applied: Fields, others: Fields, shape: Shape) -> Any:
    """Return the value without the fields that only the last apply had, and nobody else owns."""
    if isinstance(value, dict):
        result = dict(value)
        for key, node in last.items():
            name = key[2:]
            if name not in result:
                continue
            if key in applied or key in others or shape.field(name).always:
                rest = pruned(
                    result[name], node, applied.get(key, {}), others.get(key, {}), shape.field(name)
                )
                if rest in ({}, []) and rest != result[name] and not shape.field(name).always:
                    del result[name]  # what a removal empties goes, even if it is applied as empty
                else:
                    result[name] = rest
            else:
                del result[name]
        return result
    if isinstance(value, list) and (shape.keys or shape.is_set):
        return [
            pruned(item, last.get(key, {}), applied.get(key, {}), others.get(key, {}), shape.item())
            for item in value
            if (key := fieldset.item_key(shape, item)) not in last
            or key in applied
            or key in others
        ]
    return value


def key_problems(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Yield where a list with keys has an item without, or two of one key."""
    if isinstance(value, dict):
        inner = dict.fromkeys(value, shape.items) if shape.items is not None else shape.fields
        for name, below in inner.items():
            if name in value:
                yield from key_problems(value[name], below, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and (shape.keys or shape.is_set):
        seen = set()
        for number, item in enumerate(value):
            missing = next(
                (key for key in shape.keys if key not in item and key not in shape.defaults), None
            )
            if missing:
                yield f"{path}[{number}].{missing}: Required value"
                continue
            if shape.key(item) in seen:
                yield f"{path}[{number}]: Duplicate value: {dict(zip(shape.keys, shape.key(item), strict=False)) or item}"
            seen.add(shape.key(item))
            yield from key_problems(item, shape.item(), f"{path}[{number}]")

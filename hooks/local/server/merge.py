"""Merge: what server-side apply makes of the stored object, the applied one and who owns what."""

from typing import Any

from hooks.local.api import Invalid
from hooks.local.server import fieldset
from hooks.local.server.fieldset import Fields
from hooks.local.server.shape import Shape


def merged(live: Any, applied: Any, shape: Shape) -> Any:
    """Return the live value with the applied one on top."""
    if shape.atomic or live is None:
        return applied
    if isinstance(live, dict) and isinstance(applied, dict):
        return {**live, **{name: merged(live.get(name), value, shape.field(name)) for name, value in applied.items()}}
    if isinstance(live, list) and isinstance(applied, list) and (shape.keys or shape.is_set):
        return _merged_list(live, applied, shape)
    return applied


def _merged_list(live: list[Any], applied: list[Any], shape: Shape) -> list[Any]:
    """Merge by key: applied items in their order, the others where they were."""
    before = {shape.key(item): item for item in live}
    wanted = {shape.key(item): item for item in applied}
    result, rest = [], list(before)
    for key, item in wanted.items():
        while rest and rest[0] not in wanted:
            result.append(before[rest.pop(0)])
        result.append(merged(before.get(key), item, shape.item()))
        if rest:
            rest.pop(0)
    return result + [before[key] for key in rest if key not in wanted]


def pruned(value: Any, last: Fields, applied: Fields, others: Fields, shape: Shape) -> Any:
    """Return the value without the fields that were applied last time, are not now, and belong to nobody else."""
    if isinstance(value, dict):
        result = dict(value)
        for key, node in last.items():
            name = key[2:]
            if name not in result:
                continue
            if key in applied or key in others:
                result[name] = pruned(result[name], node, applied.get(key, {}), others.get(key, {}), shape.field(name))
            else:
                del result[name]
        return result
    if isinstance(value, list) and (shape.keys or shape.is_set):
        return [
            pruned(item, last.get(key, {}), applied.get(key, {}), others.get(key, {}), shape.item())
            for item in value
            if (key := fieldset.item_key(shape, item)) not in last or key in applied or key in others
        ]
    return value


def check_keys(value: Any, shape: Shape, path: str = "") -> None:
    """Raise Invalid if a list with keys has two items of one key, or an item without."""
    if shape.atomic:
        return
    if isinstance(value, dict):
        for name, item in value.items():
            check_keys(item, shape.field(name), f"{path}.{name}" if path else name)
    elif isinstance(value, list) and (shape.keys or shape.is_set):
        seen = set()
        for number, item in enumerate(value):
            try:
                key = shape.key(item)
            except KeyError as missing:
                raise Invalid(f"{path}[{number}]: Required value: {missing.args[0]} is a key of this list") from None
            if key in seen:
                raise Invalid(f"{path}[{number}]: Duplicate value: {dict(zip(shape.keys, key, strict=False)) or item}")
            seen.add(key)
            check_keys(item, shape.item(), f"{path}[{number}]")

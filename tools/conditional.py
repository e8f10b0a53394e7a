"""Conditional: YAML for Helm, in which components add and change parts under a condition."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hooks.kernel.yamltext import dumped

Json = Any

_MISSING = object()
_INDENT = "  "


def value_of(component: str) -> str:
    """Return the name of a component's switch: ``gpuDiscovery`` for gpu-discovery."""
    first, *rest = component.split("-")
    return first + "".join(word.capitalize() for word in rest)


def entries(plain: Json, changed: Mapping[str, Json], depth: int) -> Iterator[str]:
    """Yield the lines of a map's entries, each as the base and as the components have it."""
    keys = sorted({*plain, *(key for other in changed.values() for key in other)})
    for key in keys:
        value = plain.get(key, _MISSING)
        others = {name: other.get(key, _MISSING) for name, other in changed.items()}
        others = {name: other for name, other in others.items() if other != value}
        yield from _entry(key, value, others, depth)


def _entry(key: str, plain: Json, changed: Mapping[str, Json], depth: int) -> Iterator[str]:
    """Yield the lines of one entry."""
    if not changed:
        yield from _lines({key: plain}, depth)
    elif plain is _MISSING:
        yield from _added(key, changed, depth)
    elif all(other is _MISSING for other in changed.values()):
        yield condition(changed, depth, negated=True)
        yield from _lines({key: plain}, depth)
        yield end(depth)
    elif isinstance(plain, dict):
        yield f"{_INDENT * depth}{key}:"
        yield from entries(plain, changed, depth + 1)
    elif isinstance(plain, list):
        yield f"{_INDENT * depth}{key}:"
        yield from _list(plain, changed, depth)
    else:
        for other, names in _alike(changed):
            yield condition(names, depth)
            yield from _lines({key: other}, depth)
            yield f"{_INDENT * depth}{{{{- else }}}}"
        yield from _lines({key: plain}, depth)
        for _ in _alike(changed):
            yield end(depth)


def _added(key: str, changed: Mapping[str, Json], depth: int) -> Iterator[str]:
    """Yield the lines of an entry that only components have."""
    alike = _alike(changed)
    yield condition(changed, depth)
    if len(alike) == 1:
        yield from _lines({key: alike[0][0]}, depth)
    elif all(isinstance(value, dict) for value, _ in alike):
        yield f"{_INDENT * depth}{key}:"
        yield from entries({}, changed, depth + 1)
    else:
        raise ValueError(f"{', '.join(changed)} add {key} in different ways")
    yield end(depth)


def _alike(changed: Mapping[str, Json]) -> list[tuple[Json, list[str]]]:
    """Return the distinct values, each with the components that have it."""
    found: list[tuple[Json, list[str]]] = []
    for name, value in changed.items():
        for known, names in found:
            if known == value:
                names.append(name)
                break
        else:
            found.append((value, [name]))
    return found


def _list(
    plain: Sequence[Json], changed: Mapping[str, Sequence[Json]], depth: int
) -> Iterator[str]:
    """Yield the lines of a list's items.

    An item of the base has its place. A component adds items before the first one, as patches do,
    or after the last one.
    """
    names = [_name(item) for item in plain]
    before: list[tuple[str, Json]] = []
    after: list[tuple[str, Json]] = []
    for component, items in changed.items():
        known = [at for at, item in enumerate(items) if _name(item) in names]
        first = known[0] if known else 0
        before[:0] = [(component, item) for item in items[:first]]
        after += [(component, item) for item in items[first:] if _name(item) not in names]
    yield from _items(before, depth)
    for name, item in zip(names, plain, strict=True):
        others = {
            component: next((each for each in items if _name(each) == name), _MISSING)
            for component, items in changed.items()
        }
        others = {component: other for component, other in others.items() if other != item}
        if any(other is _MISSING for other in others.values()):
            yield condition(others, depth, negated=True)
            yield from _lines([item], depth)
            yield end(depth)
        else:
            yield from _item(item, others, depth)
    yield from _items(after, depth)


def _items(found: Sequence[tuple[str, Json]], depth: int) -> Iterator[str]:
    """Yield the lines of items that components add.

    An item with a name stands there once, whoever adds it. One without is there for each, as
    kustomize has it.
    """
    for at, (component, item) in enumerate(found):
        alike = [name for name, other in found if other == item and _name(item) is not item]
        if alike and any(other == item for _, other in found[:at]):
            continue
        yield condition(alike or [component], depth)
        yield from _lines([item], depth)
        yield end(depth)


def _item(plain: Json, changed: Mapping[str, Json], depth: int) -> Iterator[str]:
    if not changed:
        yield from _lines([plain], depth)
        return
    # The dash goes to the first line of text; a condition before it would leave an item without.
    lines = list(entries(plain, changed, depth + 1))
    first = next(at for at, line in enumerate(lines) if not line.lstrip().startswith("{{-"))
    if first:
        raise ValueError(f"the first entry of {_name(plain)} depends on components")
    lines[0] = f"{_INDENT * depth}- {lines[0].lstrip()}"
    yield from lines


def _name(item: Json) -> Json:
    """Return what tells an item of a list from the others."""
    if isinstance(item, dict):
        return item.get("name", item.get("resource", item))
    return item


def _lines(value: Json, depth: int) -> Iterator[str]:
    for line in dumped(value).replace("{{", '{{ "{{" }}').splitlines():
        yield f"{_INDENT * depth}{line}" if line else ""


def condition(
    names: Sequence[str] | Mapping[str, Json], depth: int, *, negated: bool = False
) -> str:
    """Return the line that begins what components have, or with ``negated`` what they lack."""
    switches = [f".Values.components.{value_of(name)}" for name in names]
    test = switches[0] if len(switches) == 1 else f"or {' '.join(switches)}"
    if negated:
        test = f"not ({test})"
    return f"{_INDENT * depth}{{{{- if {test} }}}}"


def end(depth: int) -> str:
    """Return the line that ends it."""
    return f"{_INDENT * depth}{{{{- end }}}}"

"""Loader: reads YAML as kubectl does, refuses duplicate keys, and keeps where things stand."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml

from hooks.cli import bounds

_Constructor = Callable[[Any, Any], Any]
_PREFIX = "tag:yaml.org,2002:"


class Loader(yaml.CSafeLoader):
    """Reads YAML as kubectl does: keys, dates and ``1:30`` are text, ``2.0`` is the integer 2."""


class Source(NamedTuple):
    """A part of a YAML document as it is written."""

    node: yaml.Node

    def at(self, path: str) -> tuple[int, int]:
        """Return line and column, from 1, of a field such as ``spec.env[0].name``.

        Where the path leads to nothing, it is the place of the last field that is there.
        """
        mark = self._find(path)[0]
        return mark.line + 1, mark.column + 1

    def written(self, path: str) -> str | None:
        """Return the text of an unquoted value, or None where the path leads to no such value."""
        _, node = self._find(path)
        plain = isinstance(node, yaml.ScalarNode) and not node.style
        return str(node.value) if node is not None and plain else None

    def items(self) -> Iterator["Source"]:
        """Yield the items of a ``kind: List``."""
        _, node = self._find("items")
        yield from (Source(item) for item in (node.value if node else ()))

    def _find(self, path: str) -> tuple[yaml.Mark, yaml.Node | None]:
        mark, node, rest = self.node.start_mark, self.node, path
        while rest:
            step = _step(node, rest)
            if step is None:
                return mark, None
            mark, node, rest = step
        return mark, node


def _step(node: yaml.Node, path: str) -> tuple[yaml.Mark, yaml.Node, str] | None:
    """Return the place and the node of a path's first part, and the rest of the path."""
    if isinstance(node, yaml.SequenceNode):
        found = re.match(r"\[(\d+)\]", path)
        if found is None or int(found[1]) >= len(node.value):
            return None
        item = node.value[int(found[1])]
        return item.start_mark, item, path[found.end() :]
    if not isinstance(node, yaml.MappingNode):
        return None
    # A key may have dots itself, so the longest key that fits is the one that is meant.
    for key, value in sorted(node.value, key=lambda pair: -len(str(pair[0].value))):
        for form in (f".{key.value}", f"[{key.value}]", str(key.value)):
            rest = path.removeprefix(form)
            if rest != path and rest[:1] in ("", ".", "["):
                return key.start_mark, value, rest
    return None


def _misfit(tag: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(
        None, None, f"a value does not fit its tag !!{tag}", node.start_mark
    )


def _scalar(tag: str, construct: _Constructor) -> _Constructor:
    """Return a constructor that tells a value that its tag does not fit, at its place."""

    def scalar(loader: Loader, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise _misfit(tag, node)
        try:
            return construct(loader, node)
        except (AttributeError, LookupError, ValueError):
            raise _misfit(tag, node) from None

    return scalar


def _foreign(_: Loader, node: yaml.Node) -> Any:
    tag = node.tag.removeprefix(_PREFIX)
    raise yaml.constructor.ConstructorError(
        None, None, f"a Kubernetes object has no !!{tag}", node.start_mark
    )


def _mapping(loader: Loader, node: yaml.MappingNode) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):
        raise _misfit("map", node)
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != f"{_PREFIX}merge":
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key {key.value}", key.start_mark
                )
            seen.add(key.value)
    loader.flatten_mapping(node)
    data = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be text", key.start_mark
            )
        data[key.value] = loader.construct_object(value, deep=True)
    return data


def _sequence(loader: Loader, node: yaml.SequenceNode) -> list[Any]:
    if not isinstance(node, yaml.SequenceNode):
        raise _misfit("seq", node)
    return [loader.construct_object(item, deep=True) for item in node.value]


def _int(loader: Loader, node: yaml.ScalarNode) -> int:
    number = int(loader.construct_yaml_int(node))
    str(number)  # raises ValueError for a hexadecimal of more digits than Python prints
    return number


def _float(loader: Loader, node: yaml.ScalarNode) -> float:
    number = float(loader.construct_yaml_float(node))
    return int(number) if number.is_integer() else number


def _binary(_: Loader, node: yaml.ScalarNode) -> str:
    return b64decode(node.value).decode()


def _timestamp(loader: Loader, node: yaml.ScalarNode) -> str:
    loader.construct_yaml_timestamp(node)
    return str(node.value)


# Unlike the library's constructors, these refuse an alias inside its own anchor.
Loader.add_constructor(f"{_PREFIX}map", _mapping)
Loader.add_constructor(f"{_PREFIX}seq", _sequence)
for _tag, _constructor in {
    "bool": Loader.construct_yaml_bool,
    "int": _int,
    "float": _float,
    "binary": _binary,
    "timestamp": _timestamp,
}.items():
    Loader.add_constructor(f"{_PREFIX}{_tag}", _scalar(_tag, _constructor))
for _tag in ("set", "omap", "pairs"):
    Loader.add_constructor(f"{_PREFIX}{_tag}", _foreign)
_OWN = {f"{_PREFIX}timestamp", f"{_PREFIX}int", f"{_PREFIX}float"}
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OWN]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(
    f"{_PREFIX}int",
    re.compile(r"^[-+]?(0|[1-9][0-9_]*|0o?[0-7]+|0x[0-9a-fA-F]+)$"),
    list("-+0123456789"),
)
Loader.add_implicit_resolver(
    f"{_PREFIX}float",
    re.compile(r"^([-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$"),
    list("-+.0123456789"),
)


def read_documents(text: str) -> Iterator[tuple[Any, Source]]:
    """Yield each document as JSON, with its source; an empty document is None.

    Raises:
        yaml.YAMLError: at the first mistake.
        OutOfBounds: before a document that is too deep or too large.
    """
    loader, events = Loader(text), yaml.parse(text, Loader)
    try:
        while loader.check_node():
            bounds.check(events)
            node = loader.get_node()
            assert node is not None  # noqa: S101 - there is one, as checked
            yield loader.construct_document(node), Source(node)
    finally:
        loader.dispose()

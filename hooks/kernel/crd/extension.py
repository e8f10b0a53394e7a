"""Extension: the fields that NVIDIA's definitions do not have, and its operator would ignore."""

from collections.abc import Iterator
from typing import Any

from hooks.kernel.document import JSON

MARK = "Extension. "
"""Begins the description of such a field."""


def is_marked(schema: JSON) -> bool:
    """Whether a field is an extension."""
    return bool(schema.get("description", "").startswith(MARK))


def used(schema: JSON, value: Any, path: str) -> Iterator[str]:
    """Yield the path of each extension that a value has.

    Args:
        schema: the schema of the value.
        value: plain JSON.
        path: the path of the value, for example ``spec``.
    """
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if value.get(name) is not None:
                below = f"{path}.{name}"
                yield from [below] if is_marked(part) else used(part, value[name], below)
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from used(schema["items"], item, f"{path}[{index}]")


def paths(schema: JSON, path: str) -> Iterator[str]:
    """Yield the path of each extension below a schema, without indices."""
    for name, part in schema.get("properties", {}).items():
        below = f"{path}.{name}"
        yield from [below] if is_marked(part) else paths(part, below)
    if "items" in schema:
        yield from paths(schema["items"], path)

"""Unknown: finds fields that a schema does not have, and suggests the nearest ones."""

from collections.abc import Callable, Iterator
from typing import Any

from hooks.kernel.crd.structure import Problem, join
from hooks.kernel.document import JSON
from hooks.kernel.spelling import nearest

Hint = Callable[[str, str, JSON], str]
"""Returns the remedy for an unknown field, given its parent's path, its name and the fields there.
"""


def beside(_: str, name: str, properties: JSON) -> str:
    """Return the remedy for an unknown field, from the fields beside it."""
    if hint := nearest(name, properties):
        return hint
    return (
        f"the fields here are {', '.join(properties)}" if 0 < len(properties) <= 12 else "remove it"
    )


def find(value: Any, schema: JSON, path: str, hint: Hint = beside) -> Iterator[Problem]:
    """Yield the fields that the schema does not have; the API server would silently drop them.

    Where a value has the wrong type, ``structure`` says so, and nothing below it is unknown.
    """
    kind = schema.get("type")
    if isinstance(value, list) and kind in (None, "array"):
        for index, item in enumerate(value):
            yield from find(item, schema.get("items", {}), f"{path}[{index}]", hint)
    if not isinstance(value, dict) or kind not in (None, "object"):
        return
    properties = schema.get("properties", {})
    for name, part in value.items():
        if name in properties:
            yield from find(part, properties[name], join(path, name), hint)
        elif "additionalProperties" in schema:
            yield from find(part, schema["additionalProperties"], f"{path}[{name}]", hint)
        elif not schema.get("x-kubernetes-preserve-unknown-fields"):
            yield Problem(join(path, name), "unknown field", hint(path, name, properties))

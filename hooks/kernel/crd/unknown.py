"""Unknown: finds fields that a schema does not have, and suggests the nearest ones."""

from collections.abc import Iterator
from typing import Any

from hooks.kernel.api.kubernetes import JSON
from hooks.kernel.crd.spelling import nearest
from hooks.kernel.crd.structure import Problem, join


def find(value: Any, schema: JSON, path: str, root: JSON) -> Iterator[Problem]:
    """Yield the fields that the schema does not have; the API server would silently drop them."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from find(item, schema.get("items", {}), f"{path}[{index}]", root)
    if not isinstance(value, dict):
        return
    properties = schema.get("properties", {})
    for name, part in value.items():
        if name in properties:
            yield from find(part, properties[name], join(path, name), root)
        elif "additionalProperties" in schema:
            yield from find(part, schema["additionalProperties"], f"{path}[{name}]", root)
        elif not schema.get("x-kubernetes-preserve-unknown-fields"):
            yield Problem(join(path, name), "unknown field", _hint(name, properties, root))


def _hint(name: str, properties: JSON, root: JSON) -> str:
    if hint := nearest(name, properties):
        return hint
    places = sorted(
        (path for path in _paths(root, "") if path.rsplit(".", 1)[-1] == name),
        key=lambda path: (path.count("."), path),
    )
    if places:
        return f"did you mean {places[0]}?"
    return (
        f"the fields here are {', '.join(properties)}" if 0 < len(properties) <= 12 else "remove it"
    )


def _paths(schema: JSON, path: str) -> Iterator[str]:
    for name, part in schema.get("properties", {}).items():
        yield join(path, name)
        yield from _paths(part, join(path, name))

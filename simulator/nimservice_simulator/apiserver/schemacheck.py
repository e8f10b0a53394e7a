"""Schema check: where a custom resource breaks its schema.

Rules in CEL are left to a real server.
"""

from collections.abc import Callable, Iterator
from typing import Any

from hooks.cluster.api import Object
from hooks.kernel.crd import structure
from nimservice_simulator.apiserver import schema as schemas

_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
_NAMES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def problems(value: Any, schema: Object, path: str) -> Iterator[str]:
    """Yield what is wrong with a value and everything in it."""
    if value is None and schema.get("nullable"):
        return
    if not _fits_type(value, schema):
        wanted, found = schema.get("type", "integer or string"), _NAMES.get(type(value), "null")
        yield f'{path}: Invalid value: "{found}": {path} in body must be of type {wanted}: "{found}"'
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f'{path}: Unsupported value: "{value}": supported values: {", ".join(map(str, schema["enum"]))}'
    if _is_number(value):
        yield from _number_problems(value, schema, path)
    elif isinstance(value, str):
        yield from _length_problems(value, schema, path, "Length")
        if "pattern" in schema and not structure.matches(schema["pattern"], value):
            yield f"{path}: Invalid value: \"{value}\": {path} in body should match '{schema['pattern']}'"
    elif isinstance(value, list):
        yield from _list_problems(value, schema, path)
    elif isinstance(value, dict):
        yield from _map_problems(value, schema, path)


def _fits_type(value: Any, schema: Object) -> bool:
    if schema.get("x-kubernetes-int-or-string"):
        return isinstance(value, int | str) and not isinstance(value, bool)
    return "type" not in schema or _TYPES[schema["type"]](value)


def _number_problems(value: float, schema: Object, path: str) -> Iterator[str]:
    if value < schema.get("minimum", value):
        yield f"{path}: Invalid value: {value}: {path} in body should be greater than or equal to {schema['minimum']}"
    if value > schema.get("maximum", value):
        yield f"{path}: Invalid value: {value}: {path} in body should be less than or equal to {schema['maximum']}"


def _length_problems(value: str | list[Any], schema: Object, path: str, unit: str) -> Iterator[str]:
    low, high = schema.get(f"min{unit}", 0), schema.get(f"max{unit}", len(value))
    if len(value) < low:
        yield f"{path}: Invalid value: {path} in body should have at least {low} {unit.lower()}"
    if len(value) > high:
        yield f"{path}: Too long: {path} in body should have at most {high} {unit.lower()}"


def _list_problems(value: list[Any], schema: Object, path: str) -> Iterator[str]:
    yield from _length_problems(value, schema, path, "Items")
    seen: list[Any] = []
    names = schema.get("x-kubernetes-list-map-keys")
    for number, item in enumerate(value):
        yield from problems(item, schemas.items(schema), f"{path}[{number}]")
        key = {name: item.get(name) for name in names} if names and isinstance(item, dict) else item
        if key in seen and schema.get("x-kubernetes-list-type") in ("map", "set"):
            yield f"{path}[{number}]: Duplicate value: {key}"
        seen.append(key)


def _map_problems(value: Object, schema: Object, path: str) -> Iterator[str]:
    yield from (
        f"{path}.{name}: Required value" for name in schema.get("required", ()) if name not in value
    )
    for name, item in value.items():
        inner = schemas.field(schema, name)
        if inner is not None:
            yield from problems(item, inner, f"{path}.{name}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

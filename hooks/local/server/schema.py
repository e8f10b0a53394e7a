"""Schema: prunes, defaults and checks a custom resource by the OpenAPI schema of its CustomResourceDefinition."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from hooks.local.api import Object
from hooks.local.server import quantity
from hooks.local.values import copied

_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer()),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
_TOP = ("apiVersion", "kind", "metadata")


def pruned(obj: Object, schema: Object) -> Object:
    """Return the object without what its schema does not know."""
    kept = _pruned({name: value for name, value in obj.items() if name not in _TOP}, schema)
    return {**{name: obj[name] for name in _TOP if name in obj}, **kept}


def _pruned(value: Any, schema: Object) -> Any:
    if isinstance(value, dict):
        properties, free = schema.get("properties", {}), schema.get("additionalProperties")
        keep = schema.get("x-kubernetes-preserve-unknown-fields")
        if schema.get("x-kubernetes-embedded-resource"):
            properties = {**{name: {"x-kubernetes-preserve-unknown-fields": True} for name in _TOP}, **properties}
        if isinstance(free, dict):
            return {name: _pruned(item, free) for name, item in value.items()}
        return {name: _pruned(item, properties.get(name, {})) if name in properties else item for name, item in value.items()
                if name in properties or keep or free is True}  # fmt: skip
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [_pruned(item, schema["items"]) for item in value]
    return value


def default(value: Any, schema: Object) -> None:
    """Drop nulls that the schema does not allow and fill in its defaults, in place."""
    if isinstance(value, dict):
        properties, free = schema.get("properties", {}), schema.get("additionalProperties")
        for name, inner in properties.items():
            if name in value and value[name] is None and not inner.get("nullable"):
                del value[name]
            if name not in value and "default" in inner:
                value[name] = copied(inner["default"])
            if name in value:
                default(value[name], inner)
        if isinstance(free, dict):
            for item in value.values():
                default(item, free)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            default(item, schema["items"])


def problems(value: Any, schema: Object, path: str) -> Iterator[str]:
    """Yield where a value breaks its schema; rules in CEL are left to a real server."""
    if value is None and schema.get("nullable"):
        return
    if schema.get("x-kubernetes-int-or-string"):
        if not isinstance(value, int | str) or isinstance(value, bool):
            yield f"{path}: Invalid value: must be an integer or a string"
    elif "type" in schema and not _TYPES[schema["type"]](value):
        yield f'{path}: Invalid value: "{_named(value)}": {path} in body must be of type {schema["type"]}: "{_named(value)}"'
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f'{path}: Unsupported value: "{value}": supported values: {", ".join(map(str, schema["enum"]))}'
    yield from _out_of_bounds(value, schema, path)
    if isinstance(value, dict):
        properties, free = schema.get("properties", {}), schema.get("additionalProperties")
        yield from (f"{path}.{name}: Required value" for name in schema.get("required", ()) if name not in value)
        for name, item in value.items():
            if name in properties or isinstance(free, dict):
                yield from problems(item, properties.get(name) or free, f"{path}.{name}")
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(value):
            yield from problems(item, schema["items"], f"{path}[{number}]")
        yield from _repeated(value, schema, path)


def _out_of_bounds(value: Any, schema: Object, path: str) -> Iterator[str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield f"{path}: Invalid value: {value}: should be greater than or equal to {schema['minimum']}"
        if value > schema.get("maximum", value):
            yield f"{path}: Invalid value: {value}: should be less than or equal to {schema['maximum']}"
    if isinstance(value, str):
        pattern = schema.get("pattern")
        if (pattern and schema.get("x-kubernetes-int-or-string") and not _is_quantity(value, pattern)) or (pattern and not schema.get("x-kubernetes-int-or-string") and not re.search(pattern, value)):
            yield f"{path}: Invalid value: \"{value}\": should match '{pattern}'"
    if isinstance(value, str | list):
        unit, low, high = ("Length", "minLength", "maxLength") if isinstance(value, str) else ("Items", "minItems", "maxItems")
        if len(value) < schema.get(low, 0):
            yield f"{path}: Invalid value: min{unit} is {schema[low]}"
        if len(value) > schema.get(high, len(value)):
            yield f"{path}: Too long: max{unit} is {schema[high]}"


def _is_quantity(text: str, pattern: str) -> bool:
    if not re.search(pattern, text):
        return False
    try:
        quantity.amount(text)
    except ValueError:
        return False
    return True


def _repeated(items: list[Any], schema: Object, path: str) -> Iterator[str]:
    if schema.get("x-kubernetes-list-type") not in ("map", "set"):
        return
    keys = schema.get("x-kubernetes-list-map-keys")
    seen: list[Any] = []
    for number, item in enumerate(items):
        key = {name: item.get(name) for name in keys} if keys else item
        if key in seen:
            yield f"{path}[{number}]: Duplicate value: {key}"
        seen.append(key)


def undeclared(value: Any, schema: Object, path: str = "") -> Iterator[str]:
    """Yield the fields that the schema does not know, which server-side apply refuses."""
    if isinstance(value, dict):
        properties, free = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            if not path and name in _TOP:
                continue
            if name in properties or isinstance(free, dict):
                yield from undeclared(item, properties.get(name) or free, f"{path}.{name}")
            elif not schema.get("x-kubernetes-preserve-unknown-fields") and free is not True:
                yield f"{path}.{name}: field not declared in schema"
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(value):
            yield from undeclared(item, schema["items"], f"{path}[{number}]")


def _named(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")

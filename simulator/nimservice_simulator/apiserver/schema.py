"""Schema: prunes and defaults a custom resource by the schema of its definition."""

from collections.abc import Iterator
from typing import Any

from hooks.cluster.api import Object
from hooks.kernel.values import copied

TOP = ("apiVersion", "kind", "metadata")
_ANYTHING: Object = {"x-kubernetes-preserve-unknown-fields": True}


def field(schema: Object, name: str) -> Object | None:
    """Return the schema of a field, or None if it is not declared."""
    properties, free = schema.get("properties", {}), schema.get("additionalProperties")
    if name in properties:
        known: Object = properties[name]
        return known
    if isinstance(free, dict):
        return free
    if free is True or schema.get("x-kubernetes-preserve-unknown-fields"):
        return _ANYTHING
    return _ANYTHING if schema.get("x-kubernetes-embedded-resource") and name in TOP else None


def items(schema: Object) -> Object:
    """Return the schema of a list's items."""
    known = schema.get("items")
    return known if isinstance(known, dict) else _ANYTHING


def pruned(obj: Object, schema: Object) -> Object:
    """Return the object without what its schema does not know."""
    kept = _pruned({name: value for name, value in obj.items() if name not in TOP}, schema)
    return {**{name: obj[name] for name in TOP if name in obj}, **kept}


def _pruned(value: Any, schema: Object) -> Any:
    if schema is _ANYTHING:
        return value
    if isinstance(value, dict):
        return {
            name: _pruned(item, inner)
            for name, item in value.items()
            if (inner := field(schema, name)) is not None
        }
    if isinstance(value, list):
        return [_pruned(item, items(schema)) for item in value]
    return value


def default(value: Any, schema: Object) -> None:
    """Drop nulls that the schema does not allow and fill in its defaults, in place."""
    if isinstance(value, dict):
        for name in [
            name
            for name, item in value.items()
            if item is None and _refuses_null(field(schema, name))
        ]:
            del value[name]
        for name, inner in schema.get("properties", {}).items():
            if name not in value and "default" in inner:
                value[name] = copied(inner["default"])
        for name, item in value.items():
            if isinstance(item, dict | list) and (known := field(schema, name)):
                default(item, known)
    elif isinstance(value, list):
        for item in value:
            default(item, items(schema))


def _refuses_null(schema: Object | None) -> bool:
    return schema is not None and schema is not _ANYTHING and not schema.get("nullable")


def undeclared(value: Any, schema: Object, path: str = "") -> Iterator[str]:
    """Yield the fields that the schema does not know, which server-side apply refuses."""
    if isinstance(value, dict):
        for name, item in value.items():
            if not path and name in TOP:
                continue
            inner = field(schema, name)
            if inner is None:
                yield f"{path}.{name}: field not declared in schema"
            else:
                yield from undeclared(item, inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from undeclared(item, items(schema), f"{path}[{number}]")

"""Structure: checks a value against the types and limits of a schema, and names remedies."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import StringConstraints, TypeAdapter, ValidationError

from hooks.kernel.api.kubernetes import JSON
from hooks.kernel.crd.spelling import nearest
from hooks.kernel.finding import with_remedy

_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_RANGES = {"int32": 2**31, "int64": 2**63}


class Problem(NamedTuple):
    """What is wrong with an object."""

    path: str
    """The field, for example ``spec.image.tag``."""
    message: str
    """The cause, in one line."""
    remedy: str = ""
    """What to do about it, as a clause in lower case; empty where the message says enough."""

    @property
    def text(self) -> str:
        """The cause and the remedy, without the field."""
        return with_remedy(self.message, self.remedy)


def check(value: Any, schema: JSON, path: str) -> Iterator[Problem]:
    """Yield every violation of a type or limit; ``unknown`` reports unknown fields."""
    if (kind := schema.get("type")) and (
        not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")
    ):
        yield Problem(path, f"must be {_NAMES[kind]}, is {_shown(value)}", _remedy(value, kind))
        return
    if schema.get("x-kubernetes-int-or-string") and (
        not isinstance(value, int | str) or isinstance(value, bool)
    ):
        yield Problem(
            path, f"must be a whole number or text, is {_shown(value)}", _remedy(value, "string")
        )
        return
    if "enum" in schema and value not in schema["enum"]:
        choices = [choice for choice in schema["enum"] if choice != ""]
        meant = nearest(value, choices)
        yield Problem(path, f"must be {_one_of(choices)}, is {_shown(value)}", meant)
    yield from (Problem(path, message) for message in _limits(value, schema))
    if isinstance(value, dict):
        yield from _fields(value, schema, path)
    elif isinstance(value, list):
        yield from _items(value, schema, path)


def _fields(value: JSON, schema: JSON, path: str) -> Iterator[Problem]:
    properties: JSON = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value and "default" not in properties[name]:
            about = properties[name].get("description", "").split(". ")[0].rstrip(".")
            yield Problem(join(path, name), f"is required ({about})" if about else "is required")
    for name, part in value.items():
        if name in properties:
            yield from check(part, properties[name], join(path, name))
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from check(part, schema["additionalProperties"], f"{path}[{name}]")


def _items(value: list[Any], schema: JSON, path: str) -> Iterator[Problem]:
    for index, item in enumerate(value):
        yield from check(item, schema.get("items", {}), f"{path}[{index}]")
    if schema.get("x-kubernetes-list-type") not in {"map", "set"}:
        return
    seen: dict[str, int] = {}
    keys = schema.get("x-kubernetes-list-map-keys", ())
    for index, item in enumerate(value):
        entry = repr([item.get(key) for key in keys] if isinstance(item, dict) else item)
        if entry in seen:
            yield Problem(
                f"{path}[{index}]",
                f"has the same {' and '.join(keys) or 'value'} as {path}[{seen[entry]}]",
                "keep one of them",
            )
        seen.setdefault(entry, index)


def _limits(value: Any, schema: JSON) -> Iterator[str]:
    match value:
        case bool():
            return
        case int() | float():
            yield from _number_limits(value, schema)
        case str():
            yield from _size_limits(len(value), schema, "Length", "characters")
            if (
                "pattern" in schema
                and len(value) >= schema.get("minLength", 0)
                and not matches(schema["pattern"], value)
            ):
                yield f"is {_shown(value)}, must {_form(schema)}"
        case list():
            yield from _size_limits(len(value), schema, "Items", "entries")


def _form(schema: JSON) -> str:
    return (
        "be a quantity such as 1, 500m or 50Gi"
        if schema.get("x-kubernetes-int-or-string")
        else f"match {schema['pattern']}"
    )


def _number_limits(value: float, schema: JSON) -> Iterator[str]:
    if "minimum" in schema and value < schema["minimum"]:
        yield f"must be {schema['minimum']} or more, is {value}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"must be {schema['maximum']} or less, is {value}"
    bound = _RANGES.get(schema.get("format", ""))
    if bound and not -bound <= value < bound:
        yield f"must be between {-bound} and {bound - 1}, is {value}"


def _size_limits(size: int, schema: JSON, what: str, unit: str) -> Iterator[str]:
    if size < schema.get(f"min{what}", 0):
        yield (
            "must not be empty"
            if size == 0
            else f"must have {schema[f'min{what}']} {unit} or more, has {size}"
        )
    if size > schema.get(f"max{what}", size):
        yield f"must have {schema[f'max{what}']} {unit} or less, has {size}"


def join(path: str, name: str) -> str:
    """Return the path of a field within an object."""
    return f"{path}.{name}" if path else name


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern of a schema.

    pydantic's engine takes linear time, like that of the API server. Python's own needs hours for
    some host names.
    """
    try:
        _compiled(pattern).validate_python(text)
    except ValidationError:
        return False
    return True


@cache
def _compiled(pattern: str) -> TypeAdapter[str]:
    return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])


def _one_of(choices: list[Any]) -> str:
    texts = [str(choice) for choice in choices]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _shown(value: Any) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f'"{value}"'
        case list():
            return "a list"
        case _:
            return "an object"


def _remedy(value: Any, kind: str) -> str:
    match value, kind:
        case bool(), "string":
            return f'put it in quotes, "{_shown(value)}"'
        case ((int() | float()), "string"):
            return f'put it in quotes, "{value}"'
        case str(), ("integer" | "number") if re.fullmatch(r"-?\d+", value):
            return "remove the quotes"
        case str(), "boolean" if value in {"true", "false"}:
            return "remove the quotes"
        case ((str() | int() | float()), "array"):
            return f"write it as a list, [{value}]"
        case _:
            return ""

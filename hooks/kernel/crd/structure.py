"""Structure: checks a value against the types and limits of a schema, and names remedies."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from pydantic_core import SchemaValidator, ValidationError, core_schema

from hooks.kernel.document import JSON
from hooks.kernel.finding import with_remedy
from hooks.kernel.spelling import nearest

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


Written = Callable[[str], str | None]
"""Returns the text of a value in its file, given its path, or None; 1.10 is the number 1.1."""


def _unwritten(_: str) -> None:
    return None


def check(value: Any, schema: JSON, path: str, written: Written = _unwritten) -> Iterator[Problem]:
    """Yield every violation of a type or limit; ``unknown`` reports unknown fields."""
    if (kind := schema.get("type")) and (
        not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")
    ):
        yield _mistyped(value, schema, kind, path, written)
        return
    if schema.get("x-kubernetes-int-or-string") and (
        not isinstance(value, int | str) or isinstance(value, bool)
    ):
        yield _mistyped(value, schema, "string", path, written)
        return
    if "enum" in schema and value not in schema["enum"]:
        choices = [choice for choice in schema["enum"] if choice != ""]
        meant = nearest(value, choices)
        yield Problem(path, f"must be {_one_of(choices)}, is {_shown(value)}", meant)
    yield from (Problem(path, *limit) for limit in _limits(value, schema))
    if isinstance(value, dict):
        yield from _fields(value, schema, path, written)
    elif isinstance(value, list):
        yield from _items(value, schema, path, written)


def _mistyped(value: Any, schema: JSON, kind: str, path: str, written: Written) -> Problem:
    text = written(path) if isinstance(value, int | float) else None
    found = f"the number {text}" if text and not isinstance(value, bool) else _shown(value)
    wanted = _NAMES[schema["type"]] if "type" in schema else "a whole number or text"
    remedy = (
        _entries(value, schema)
        or _remedy(value, kind, text)
        or _rewritten(value, schema, path)
        or _entry(value, schema, path)
    )
    return Problem(path, f"must be {wanted}, is {found}", remedy)


def _fields(value: JSON, schema: JSON, path: str, written: Written) -> Iterator[Problem]:
    properties: JSON = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value and "default" not in properties[name]:
            about = properties[name].get("description", "").split(". ")[0].rstrip(".")
            yield Problem(join(path, name), f"is required ({about})" if about else "is required")
    for name, part in value.items():
        if name in properties:
            yield from check(part, properties[name], join(path, name), written)
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from check(part, schema["additionalProperties"], f"{path}[{name}]", written)


def _items(value: list[Any], schema: JSON, path: str, written: Written) -> Iterator[Problem]:
    for index, item in enumerate(value):
        yield from check(item, schema.get("items", {}), f"{path}[{index}]", written)
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


def _limits(value: Any, schema: JSON) -> Iterator[tuple[str, ...]]:
    """Yield what a value exceeds, with the remedy if there is one."""
    match value:
        case bool():
            return
        case int() | float():
            yield from ((each,) for each in _number_limits(value, schema))
        case str():
            yield from _size_limits(len(value), schema, "Length", "characters")
            if (
                "pattern" in schema
                and len(value) >= schema.get("minLength", 0)
                and not matches(schema["pattern"], value)
            ):
                yield (f"is {_shown(value)}, must {form(schema)}",)
        case list():
            yield from _size_limits(len(value), schema, "Items", "entries")
        case dict():
            yield from _size_limits(len(value), schema, "Properties", "entries")


_LOWER = "lower-case letters, digits and '-'{}, with a letter or digit at both ends"
_FORMS = {
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$": f"be {_LOWER.format('')}",
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$": (
        f"be {_LOWER.format(' and dots')}"
    ),
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$": (
        f"be {_LOWER.format(' and dots')}"
    ),
    r"^[ -<>-~]*$": "be printable ASCII without =",
}


def form(schema: JSON) -> str:
    """Return what a text must be by the pattern of its schema, in words where it is a known one."""
    if schema.get("x-kubernetes-int-or-string"):
        return "be a quantity such as 1, 500m or 50Gi"
    pattern: str = schema["pattern"]
    return _FORMS.get(pattern, f"match {pattern}")


def _number_limits(value: float, schema: JSON) -> Iterator[str]:
    if "minimum" in schema and value < schema["minimum"]:
        yield f"must be {schema['minimum']} or more, is {value}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"must be {schema['maximum']} or less, is {value}"
    bound = _RANGES.get(schema.get("format", ""))
    if bound and not -bound <= value < bound:
        yield f"must be between {-bound} and {bound - 1}, is {value}"


def _size_limits(size: int, schema: JSON, what: str, unit: str) -> Iterator[tuple[str, ...]]:
    if size < schema.get(f"min{what}", 0):
        least = f"must have {schema[f'min{what}']} {unit} or more, has {size}"
        yield ("must not be empty" if size == 0 else least,)
    most = schema.get(f"max{what}", size)
    if size > most:
        remedy = "shorten it" if what == "Length" else f"remove {size - most}"
        yield f"must have {most} {unit} or less, has {size}", remedy


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
def _compiled(pattern: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=pattern))


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


def _remedy(value: Any, kind: str, written: str | None) -> str:
    match value, kind:
        case bool(), "string":
            return f'put it in quotes, "{written or _shown(value)}"'
        case ((int() | float()), "string"):
            return f'put it in quotes, "{written or value}"'
        case str(), ("integer" | "number") if re.fullmatch(r"-?\d+", value):
            return "remove the quotes"
        case str(), "boolean" if value in {"true", "false"}:
            return "remove the quotes"
        case ((str() | int() | float()), "array"):
            words = str(value).split()
            many = len(words) > 1 and words[0].startswith("-")
            return f"write it as a list, [{', '.join(words) if many else written or value}]"
        case _:
            return ""


def _rewritten(value: Any, schema: JSON, path: str) -> str:
    """Return how a value of another shape is written here, or an empty text."""
    fields = schema.get("properties", {})
    match value:
        case bool():
            switch = next((name for name in ("enabled", "create") if name in fields), "")
            return f"write {switch}: {_shown(value)} below it" if switch else ""
        case str() if {"repository", "tag"} <= fields.keys():
            return _image(value)
        case str() if (colon := value.partition(":"))[0] in fields and colon[2]:
            return f"write {colon[0]}: {colon[2]}, with a space after the colon"
        case str() if value and _is_type(value, fields.get("type", {})):
            return f"write {path.rsplit('.', 1)[-1]}: {{type: {value}}}"
        case str() if "name" in fields and value and not path.endswith("]"):
            return f"write name: {value} below it"
        case {"name": str(name)} if schema.get("type") == "string":
            field = re.sub(r"\[\d+\]$", "", path.rsplit(".", 1)[-1])
            return f"write {field}: {'[' + name + ']' if path.endswith(']') else name}"
        case dict() if schema.get("type") == "array" and value:
            return _listed(value, schema.get("items", {}).get("properties", {}))
        case _:
            return ""


def _is_type(value: str, schema: JSON) -> bool:
    """Whether a text is one of a type's choices; Kubernetes names some in the description alone."""
    return value in schema.get("enum", ()) or f'"{value}"' in schema.get("description", "")


def _entries(value: Any, schema: JSON) -> str:
    """Return how one text is written where a list has objects, or an empty text."""
    shown = _object(value, schema.get("items", {})) if schema.get("type") == "array" else ""
    return f"write it as a list of objects, [{shown}]" if shown else ""


def _entry(value: Any, schema: JSON, path: str) -> str:
    """Return how a text is written as an entry of a list of objects, or an empty text."""
    shown = _object(value, schema) if path.endswith("]") else ""
    return f"write {shown}" if shown else ""


def _object(value: Any, schema: JSON) -> str:
    """Return the object that a text or number means among others of a list, or an empty text."""
    fields = schema.get("properties", {})
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value or schema.get("type") != "object":
        return ""
    name, _, rest = value.partition("=")
    if rest and {"name", "value"} <= fields.keys():
        return f"{{name: {_quoted(name)}, value: {json.dumps(rest, ensure_ascii=False)}}}"
    texts = [field for field, part in fields.items() if part.get("type") == "string"]
    known = ("name", "key", *schema.get("required", ()), *texts)
    field = next((field for field in known if field in texts), "")
    return f"{{{field}: {_quoted(value)}}}" if field else ""


def _quoted(text: str) -> str:
    """Return a text as YAML has it between braces."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


_PLAIN = re.compile(r"(?!(true|false|yes|no|on|off|null|y|n)$)[a-zA-Z][\w./-]*", re.IGNORECASE)


def _image(value: str) -> str:
    name, slash, last = value.rpartition("/")
    repository, _, tag = last.partition(":")
    rest = f'tag: "{tag}"' if tag else "tag:"
    return f"write repository: {name}{slash}{repository} and {rest} below it"


def _listed(value: JSON, fields: JSON) -> str:
    key, first = next(iter(value.items()))
    if key not in fields and {"name", "value"} <= fields.keys():
        shown = first if isinstance(first, str) else ""
        return f'write it as a list, - name: {key} and value: "{shown}"'
    return f"write it as a list, with - before {key}"

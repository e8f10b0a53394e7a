"""Schema: makes the structural schema of a CustomResourceDefinition from the models of the API."""

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from hooks.kernel.api.kubernetes import Definition
from hooks.kernel.api.model import (
    ONLY_NEW,
    ListMap,
    Model,
    PublishedDefault,
    Required,
    Rule,
    SchemaOf,
    Whole,
    WithoutRules,
)
from hooks.kernel.crd import definitions, descriptions
from hooks.kernel.document import JSON

_RULES = "x-kubernetes-validations"
_ANYTHING: JSON = {"x-kubernetes-preserve-unknown-fields": True}


def of(model: type[Model]) -> JSON:
    """Return the schema of a model: fields, descriptions, limits, rules and published defaults."""
    hints = get_type_hints(model, include_extras=True)
    texts = descriptions.of_fields(model)
    schema: JSON = {"type": "object", "description": descriptions.of_model(model), "properties": {}}
    required = []
    for name, field in model.model_fields.items():
        wire_name = field.alias or name
        marks = _unwrap(hints[name])[1]
        part = _value(hints[name])
        # A model's description that begins with the field's docstring says more about the field.
        if not part.get("description", "").startswith(texts[name]):
            part["description"] = texts[name]
        if any(isinstance(mark, PublishedDefault) for mark in marks):
            part["default"] = field.get_default()
        if field.is_required() or any(isinstance(mark, Required) for mark in marks):
            required.append(wire_name)
        schema["properties"][wire_name] = part
    if required:
        schema["required"] = sorted(required)
    if model.rules:
        schema[_RULES] = rules(model)
    if model.model_config.get("extra") == "allow":
        schema |= _ANYTHING
    return schema


def _unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """Return the type within ``Annotated`` and ``| None``, and the marks on it."""
    marks: list[Any] = []
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            marks += more
        elif get_origin(annotation) in {Union, UnionType}:
            arms = [arm for arm in get_args(annotation) if arm is not NoneType]
            if len(arms) > 1:
                return annotation, marks
            annotation = arms[0]
        else:
            return annotation, marks


def _value(annotation: Any) -> JSON:
    kind, marks = _unwrap(annotation)
    schema = _shape(kind, marks)
    for mark in marks:
        if isinstance(mark, ListMap):
            schema |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [mark.key]}
        if isinstance(mark, Whole):
            schema["x-kubernetes-map-type"] = "atomic"
        if isinstance(mark, WithoutRules):
            schema = _without({rule.message for rule in mark.rules}, schema)
    if own := [_rule(mark) for mark in marks if isinstance(mark, Rule)]:
        schema[_RULES] = own
    return schema


def _without(messages: set[str], schema: Any) -> Any:
    """Return a schema without the rules that have these messages, at every depth."""
    if isinstance(schema, list):
        return [_without(messages, item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _without(messages, part) for key, part in schema.items()}
    if _RULES in kept:
        kept[_RULES] = [rule for rule in kept[_RULES] if rule["message"] not in messages]
        if not kept[_RULES]:
            del kept[_RULES]
    return kept


def _shape(kind: Any, marks: list[Any]) -> JSON:
    for mark in marks:
        if isinstance(mark, Definition):
            return definitions.expand(mark.name)
        if isinstance(mark, SchemaOf):
            return of(mark.model)
    limits = [mark for mark in marks if isinstance(mark, FieldInfo)]
    match get_origin(kind) or kind:
        case origin if origin is list:
            return _limited(list[Any], limits) | {"items": _value(get_args(kind)[0])}
        case origin if origin is dict:
            value, limited = get_args(kind)[1], _limited(dict[str, Any], limits)
            limited.pop("additionalProperties", None)
            return limited | (
                _ANYTHING if value is Any else {"additionalProperties": _value(value)}
            )
        case origin if origin in {Union, UnionType}:
            return dict(_ANYTHING)
        case type() as model if issubclass(model, Model):
            return of(model)
        case _:
            return _limited(kind, limits)


def _limited(kind: Any, limits: list[FieldInfo]) -> JSON:
    """Return pydantic's own schema of a type with limits such as ``Field(ge=1)``."""
    for limit in limits:
        kind = Annotated[kind, limit]
    schema = TypeAdapter(kind).json_schema()
    schema.pop("title", None)
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    return schema


def rules(model: type[Model]) -> list[JSON]:
    """Return the rules of a model."""
    return [_rule(rule) for rule in model.rules]


def _rule(rule: Rule) -> JSON:
    optional: JSON = {
        "messageExpression": rule.message_expression,
        "fieldPath": rule.field_path,
        "reason": rule.reason,
    }
    optional["optionalOldSelf"] = rule.only_new
    text = f"{ONLY_NEW}({rule.rule})" if rule.only_new else rule.rule
    return {"rule": text, "message": rule.message} | {
        key: value for key, value in optional.items() if value
    }

"""Model: the base class of all API models, and the marks that the CRD generator reads."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


def wire_name(name: str) -> str:
    """Return a field's name in manifests, ``userID`` for ``user_id``."""
    first, *rest = name.split("_")
    return first + "".join(
        word.upper() if word in {"id", "uid"} else word.capitalize() for word in rest
    )


ONLY_NEW = "oldSelf.hasValue() || "
"""Begins a rule that applies only to new objects; it needs ``optionalOldSelf`` in the schema."""


NAMESPACE = "__namespace__"
"""The field ``namespace`` in a rule: the word is reserved in CEL, so Kubernetes escapes it."""


@dataclass(frozen=True)
class Rule:
    """A validation rule in CEL; the API server and ``nimservice validate`` evaluate it."""

    rule: str
    """The expression over ``self`` (and ``oldSelf`` in a rule about updates); true means valid."""
    message: str
    """The cause, with the path of the field, and the remedy."""
    message_expression: str | None = None
    """CEL that makes a message with values in it; ``message`` replaces it if it fails."""
    field_path: str | None = None
    """The invalid field, relative to the object with the rule, for example ``.pvc.size``."""
    reason: (
        Literal[
            "FieldValueRequired", "FieldValueInvalid", "FieldValueForbidden", "FieldValueDuplicate"
        ]
        | None
    ) = None
    """The kind of mistake; the API server reports it as the error's reason."""
    only_new: bool = False
    """Whether the rule applies only when an object is created."""


@dataclass(frozen=True)
class PublishedDefault:
    """Mark: the schema has the default, as the published CRD does. Other defaults are in code."""


@dataclass(frozen=True)
class Required:
    """Mark: the schema requires the field, although the code does not."""


@dataclass(frozen=True)
class ListMap:
    """Mark: server-side apply merges the list as a map, by ``key``."""

    key: str


@dataclass(frozen=True)
class Whole:
    """Mark: server-side apply treats the object as one value.

    Without the mark, the API server replaces an object with null when its last field is removed.
    """


class Model(BaseModel):
    """A part of the API: read-only and strict about types.

    It ignores unknown fields, which the API server prunes.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        strict=True,
        alias_generator=wire_name,
        defer_build=True,
        protected_namespaces=(),
    )

    rules: ClassVar[tuple[Rule, ...]] = ()


@dataclass(frozen=True)
class WithoutRules:
    """Mark: the schema omits these rules at any depth: the API server would refuse their cost."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class SchemaOf:
    """Mark: the schema is that of a model, but the hooks keep the value as plain JSON."""

    model: type[Model]


def without_null(value: Any) -> Any:
    """Return the same JSON without null fields; the API server treats them as absent."""
    # Most values are texts and numbers. A call for each of them would be most of the cost.
    if isinstance(value, dict):
        return {
            key: without_null(item) if isinstance(item, _NESTED) else item
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [without_null(item) if isinstance(item, _NESTED) else item for item in value]
    return value


_NESTED = (dict, list)


Int32 = Annotated[int, Field(json_schema_extra={"format": "int32"})]
Int64 = Annotated[int, Field(json_schema_extra={"format": "int64"})]
Port = Annotated[Int32, Field(ge=1, le=65535)]
Name = Annotated[str, Field(min_length=1)]

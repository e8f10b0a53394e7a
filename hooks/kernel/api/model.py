"""Model: what every API model has in common, and the marks that the CRD generator reads."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


def wire_name(name: str) -> str:
    """Return the name of a field as users write it: ``grpc_port`` is ``grpcPort``, ``user_id`` is ``userID``."""
    first, *rest = name.split("_")
    return first + "".join("ID" if word == "id" else word.capitalize() for word in rest)


ONLY_NEW = "oldSelf.hasValue() || "
"""What a rule begins with that lets objects alone that exist; ``optionalOldSelf`` in the schema makes it possible."""


@dataclass(frozen=True)
class Rule:
    """A validation rule in CEL, evaluated by the API server and, offline, by ``nimservice validate``."""

    rule: str
    """The expression over ``self`` (and ``oldSelf`` in a rule about updates); true means valid."""
    message: str
    """What is wrong and what to do, with the path of the field."""
    message_expression: str | None = None
    """CEL that makes a message with values in it; ``message`` stands in where it fails."""
    field_path: str | None = None
    """The field to blame, relative to the object that carries the rule, for example ``.pvc.size``."""
    reason: (
        Literal[
            "FieldValueRequired", "FieldValueInvalid", "FieldValueForbidden", "FieldValueDuplicate"
        ]
        | None
    ) = None
    """The kind of mistake; the API server turns it into its error code."""
    only_new: bool = False
    """Whether the rule is for objects that are being created, and lets those alone that exist."""


@dataclass(frozen=True)
class PublishedDefault:
    """Mark: the default belongs into the schema, as in the published CRD. Every other default lives in code alone."""


@dataclass(frozen=True)
class Required:
    """Mark: the schema requires the field, although the code gets along without it."""


@dataclass(frozen=True)
class ListMap:
    """Mark: the list is a map, as server-side apply sees it; its entries are told apart by ``key``."""

    key: str


@dataclass(frozen=True)
class Whole:
    """Mark: the object is one value, as server-side apply sees it. The server makes null of another whose last field is taken out."""


class Model(BaseModel):
    """A part of the API: read-only, exact about types, and silent about fields it does not know (the API server prunes them)."""

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
class SchemaOf:
    """Mark: the schema is that of a model, although the hooks keep the value as plain JSON."""

    model: type[Model]


def without_null(value: Any) -> Any:
    """Return the same JSON without the fields that are null: for the API server they are absent."""
    # Most values are texts and numbers: a call for each of them would be most of the cost.
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

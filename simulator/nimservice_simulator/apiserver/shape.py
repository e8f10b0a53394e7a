"""Shape: how the fields of a kind merge under server-side apply.

They merge as maps, as lists with keys, as sets, or as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hooks.cluster.api import Object


@dataclass(frozen=True)
class Shape:
    """How one field merges.

    Without further word a map merges field by field and a list is replaced whole.
    """

    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    items: "Shape | None" = None
    """The shape of every item of a list, or of every value of a free-form map."""
    keys: tuple[str, ...] = ()
    """The fields that tell the items of a list apart."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """The value of a key that an item leaves out."""
    is_set: bool = False
    always: bool = False
    """Whether it is there even when empty, so that nobody owns it as such."""
    atomic: bool = False

    def field(self, name: str) -> "Shape":
        """Return the shape of a field."""
        return self.fields.get(name) or self.items or ANY

    def item(self) -> "Shape":
        """Return the shape of the items of a list."""
        return self.items or ANY

    def key(self, item: Any) -> tuple[Any, ...]:
        """Return what tells this item from its neighbours; raise KeyError if it lacks a key."""
        if self.is_set:
            return (item,)
        return tuple(
            item[key] if key in item or key not in self.defaults else self.defaults[key]
            for key in self.keys
        )


ANY = Shape()
WHOLE = Shape(atomic=True)
"""A map that is replaced whole, such as a label selector."""
SET = Shape(is_set=True)


def struct(**fields: Shape) -> Shape:
    """Return the shape of a map with these special fields."""
    return Shape(fields=fields)


def keyed(*keys: str, defaults: Mapping[str, Any] | None = None, **fields: Shape) -> Shape:
    """Return the shape of a list whose items are told apart by keys."""
    return Shape(keys=keys, defaults=defaults or {}, items=struct(**fields) if fields else ANY)


def each(shape: Shape) -> Shape:
    """Return the shape of a free-form map whose values all have one shape."""
    return Shape(items=shape)


def part(**fields: Shape) -> Shape:
    """Return the shape of a map that is there even when empty."""
    return Shape(fields=fields, always=True)


METADATA = part(ownerReferences=Shape(keys=("uid",), items=WHOLE), finalizers=SET)
CONDITIONS = keyed("type")


def from_schema(schema: Object) -> Shape:
    """Return the shape that an OpenAPI schema with ``x-kubernetes-*`` marks describes."""
    if schema.get("x-kubernetes-map-type") == "atomic":
        return WHOLE
    below = schema.get("items") or schema.get("additionalProperties")
    items: Object = below if isinstance(below, dict) else {}
    inner = from_schema(items) if items else ANY
    kind = schema.get("x-kubernetes-list-type")
    if kind == "set":
        return SET
    if kind == "map":
        defaults = {
            name: prop["default"]
            for name, prop in items.get("properties", {}).items()
            if "default" in prop
        }
        return Shape(
            keys=tuple(schema["x-kubernetes-list-map-keys"]), defaults=defaults, items=inner
        )
    fields = {
        name: shape
        for name, prop in schema.get("properties", {}).items()
        if (shape := from_schema(prop)) != ANY
    }
    if schema.get("type") == "array" or (inner == ANY and not fields):
        return ANY
    return Shape(fields=fields, items=inner if inner != ANY else None)

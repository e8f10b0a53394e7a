"""Leaf: the fields of a spec that hold a value, as the generated CustomResourceDefinition has
them.

An object of the Kubernetes API (an affinity, a probe) counts as one value: what is within is
Kubernetes' own matter.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from hooks.kernel.api import kubernetes
from hooks.kernel.crd import definitions, shipped
from hooks.kernel.document import JSON


class Leaf(NamedTuple):
    path: str
    """From the spec on, with ``[]`` for the entries of a list and ``{}`` for those of a map:
    ``env[]``, ``expose.service.port``."""
    type: str
    description: str

    @property
    def field(self):
        """The path as messages name it, without the entries of the field itself."""
        return "spec." + re.sub(r"(\[]|{})$", "", self.path)


def leaves(kind: str = "NIMService") -> tuple[Leaf, ...]:
    """Return the fields of a kind's spec, in the order of the definition."""
    return tuple(_leaves(shipped.schemas()[kind]["properties"]["spec"], "", "", ""))


def groups():
    """Return the description of every field of the spec itself, by its name."""
    fields = shipped.schemas()["NIMService"]["properties"]["spec"]["properties"]
    return {name: schema["description"] for name, schema in fields.items()}


def _leaves(schema: JSON, path: str, form: str, text: str) -> Iterator[Leaf]:
    text = text or schema.get("description", "")
    if definition := _definition(schema):
        yield Leaf(path, form + definition, text)
    elif "properties" in schema:
        for name, part in schema["properties"].items():
            yield from _leaves(part, f"{path}.{name}" if path else name, "", "")
    elif "items" in schema:
        yield from _leaves(schema["items"], f"{path}[]", f"{form}list of ", text)
    elif "additionalProperties" in schema:
        yield from _leaves(schema["additionalProperties"], f"{path}{{}}", f"{form}map to ", text)
    else:
        yield Leaf(path, form + _type(schema), text)


def _type(schema: JSON) -> str:
    if "enum" in schema:
        return " or ".join(f"`{choice}`" for choice in schema["enum"] if choice)
    if "x-kubernetes-int-or-string" in schema:
        return "quantity" if "pattern" in schema else "number or percentage"
    return {"string": "text", "boolean": "true or false"}.get(
        schema.get("type", ""), schema.get("type", "object")
    )


def _definition(schema: JSON) -> str | None:
    """Return the name of the Kubernetes type that a schema is, or None where it is one of the
    project's own."""
    return next(
        (
            name
            for name, properties in _definitions().items()
            if properties == schema.get("properties")
        ),
        None,
    )


@cache
def _definitions() -> dict[str, JSON]:
    names = {
        mark.name
        for alias in vars(kubernetes).values()
        for mark in getattr(alias, "__metadata__", ())
        if isinstance(mark, kubernetes.Definition)
    }
    expanded = {
        name.rpartition(".")[2]: definitions.expand(name).get("properties") for name in names
    }
    return {name: properties for name, properties in expanded.items() if properties}

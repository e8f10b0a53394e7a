"""Manifest: Kubernetes objects as plain data, in the form in which the API server keeps them.

What the API server would rewrite (a null, an empty list, ``1024Mi``) differs from what it stores, and every difference costs a
write at every sync. So nothing of the kind is emitted.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from hooks.kernel.quantity import canonical

Manifest = dict[str, Any]

_REFERENCE = re.compile(r"\$\(([^()]*)\)")
"""What a variable's value says where another variable's is to stand."""


def without_none(value: Any) -> Any:
    """Return a copy without the keys whose value is None or an empty list, at every depth."""
    # Most values are texts and numbers: a call for each of them would be most of the cost.
    if not isinstance(value, dict):
        return [without_none(item) if isinstance(item, _NESTED) else item for item in value]
    kept = {}
    for key, item in value.items():
        if isinstance(item, _NESTED):
            if item or isinstance(item, dict):
                kept[key] = without_none(item)
        elif item is not None:
            kept[key] = item
    return kept


_NESTED = (dict, list)


def merge_by_name(*lists: Iterable[Manifest]) -> list[Manifest]:
    """Return the items of all lists, one for each name: a later item takes the place of an earlier one of its name.

    It takes that very place, so that those that refer to it (``$(NAME)``) still come after it; only one that itself refers to
    something later moves behind that, because a variable knows none but those before it.
    """
    merged: dict[str, Manifest] = {}
    places: dict[
        str, int
    ] = {}  # in which order they stand; a list that is searched for each item takes seconds for thousands
    for place, item in enumerate(chain(*lists)):
        name = item["name"]
        if name not in merged or _refers_behind(item, places):
            merged.pop(name, None)
            places[name] = place
        merged[name] = item
    return list(merged.values())


def _refers_behind(item: Manifest, places: Mapping[str, int]) -> bool:
    value = item.get("value")
    if not isinstance(value, str) or "$(" not in value:
        return False
    return any(places.get(name, -1) > places[item["name"]] for name in _REFERENCE.findall(value))


def quantities(amounts: dict[str, Any] | None) -> dict[str, str] | None:
    """Return resource amounts in canonical form, or None where there are none."""
    return {name: canonical(amount) for name, amount in amounts.items()} if amounts else None


def env_var(variable: Manifest) -> Manifest:
    """Return a variable as the API server keeps it: an empty value is no value, and references carry their version."""
    value_from = variable.get("valueFrom")
    if not value_from:
        return (
            {"name": variable["name"], "value": variable["value"]}
            if variable.get("value")
            else {"name": variable["name"]}
        )
    source = dict(value_from)
    if field := source.get("fieldRef"):
        source["fieldRef"] = {"apiVersion": "v1", **field}
    if resource := source.get("resourceFieldRef"):
        source["resourceFieldRef"] = {**resource, "divisor": canonical(resource.get("divisor", 0))}
    return {"name": variable["name"], "valueFrom": source}


def probe(given: Manifest) -> Manifest:
    """Return a probe as the API server keeps it: a number that is zero is its default."""
    kept = {
        key: value
        for key, value in given.items()
        if value != 0 or key == "terminationGracePeriodSeconds"
    }
    if grpc := kept.get("grpc"):
        kept["grpc"] = {"port": grpc["port"], "service": grpc.get("service") or ""}
    return kept


def toleration(given: Manifest) -> Manifest:
    """Return a toleration without its empty strings; ``tolerationSeconds: 0`` has a meaning and stays (Q7)."""
    return {key: value for key, value in given.items() if value != ""}

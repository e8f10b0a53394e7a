"""Manifest: Kubernetes objects as plain data, in the form that the API server stores.

The API server rewrites a null, an empty list or ``1024Mi``. Each difference from the stored form
costs a write at every sync, so the hooks emit the stored form.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from hooks.kernel.document import JSON
from hooks.kernel.quantity import canonical

Manifest = JSON

_REFERENCE = re.compile(r"\$\(([^()]*)\)")
"""A reference to another variable in the value of a variable."""


def without_none(value: Any) -> Any:
    """Return a copy without the keys whose value is None or an empty list, at every depth."""
    # Every sync does this with every child. Most values are texts and numbers: a call for each of
    # them would be most of the cost, and comparing types costs less than isinstance.
    if type(value) is list:
        return [without_none(item) if type(item) in _NESTED else item for item in value]
    kept = {}
    for key, item in value.items():
        of = type(item)
        if of is str:
            kept[key] = item
        elif of is dict:
            kept[key] = without_none(item)
        elif of is list:
            if item:
                kept[key] = without_none(item)
        elif item is not None:
            kept[key] = item
    return kept


_NESTED = (dict, list)


def merge_by_name(*lists: Iterable[Manifest]) -> list[Manifest]:
    """Return the items of all lists, one for each name: a later item replaces an earlier one.

    The later item takes the position of the earlier one, so that items that refer to it
    (``$(NAME)``) still follow it. An item that refers to a later item moves behind that one,
    because a variable can only use those before it.
    """
    merged: dict[str, Manifest] = {}
    # The position of each item: searching a list for each of thousands of items takes seconds.
    places: dict[str, int] = {}
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
    """Return resource amounts in canonical form, or None without any."""
    return {name: canonical(amount) for name, amount in amounts.items()} if amounts else None


def env_var(variable: Manifest) -> Manifest:
    """Return a variable as the API server stores it: no empty value, references with versions."""
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
    """Return a probe as the API server stores it: without zeros, which mean the default."""
    kept = {
        key: value
        for key, value in given.items()
        if value != 0 or key == "terminationGracePeriodSeconds"
    }
    if grpc := kept.get("grpc"):
        kept["grpc"] = {"port": grpc["port"], "service": grpc.get("service") or ""}
    return kept


def toleration(given: Manifest) -> Manifest:
    """Return a toleration without empty strings, but with ``tolerationSeconds: 0`` (Q7)."""
    return {key: value for key, value in given.items() if value != ""}

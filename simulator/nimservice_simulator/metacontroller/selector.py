"""Selector: label selectors, read and matched as Kubernetes does."""

from collections.abc import Mapping
from typing import Any

from hooks.cluster.api import Object


class SelectorError(Exception):
    """The selector cannot be read."""


def matches(selector: Object | None, labels: Mapping[str, Any] | None) -> bool:
    """Tell whether labels match.

    No selector and an empty one match everything. Raise SelectorError if it is malformed.
    """
    have = labels or {}
    for key, value in ((selector or {}).get("matchLabels") or {}).items():
        if have.get(key) != value:
            return False
    return all(
        _meets(have, expression) for expression in (selector or {}).get("matchExpressions") or []
    )


def is_empty(selector: Object | None) -> bool:
    """Tell whether a selector says nothing."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def _meets(labels: Mapping[str, Any], expression: Object) -> bool:
    key, operator, values = (
        expression.get("key"),
        expression.get("operator"),
        expression.get("values") or [],
    )
    if operator in ("In", "NotIn") and not values:
        raise SelectorError(f"values: Invalid value: for {operator} there must be at least one")
    if operator == "In":
        return labels.get(str(key)) in values
    if operator == "NotIn":
        return labels.get(str(key)) not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    raise SelectorError(f'"{operator}" is not a valid label selector operator')

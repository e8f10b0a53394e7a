"""Typed: what a built-in kind loses on its way through the API server's own types.

These are nulls, empty optional fields and odd quantities.
"""

from typing import Any

from hooks.cluster.api import BadRequest
from nimservice_simulator.apiserver import quantity

_FREE_FORM = {
    "labels",
    "annotations",
    "matchLabels",
    "nodeSelector",
    "data",
    "stringData",
    "binaryData",
}
"""Maps whose keys are the user's: an empty string is a value in them."""
_QUANTITIES = {"limits", "requests", "capacity", "hard", "used", "allocatable"}
"""Maps whose values are all quantities."""
_ONE_QUANTITY = {"sizeLimit", "divisor", "averageValue"}
_EMPTY_MAPS = _FREE_FORM | _QUANTITIES - {"capacity"} | {"selector"}
"""Maps that are left out when empty; elsewhere an empty map says something (``emptyDir: {}``)."""
_FALSE = {
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "stdin",
    "stdinOnce",
    "tty",
    "readOnly",
    "paused",
    "publishNotReadyAddresses",
}
"""Flags that are left out when false.

In other places false is a value (``automountServiceAccountToken``).
"""
_ZERO = {"initialDelaySeconds", "hostPort", "nodePort", "minReadySeconds"}
_KEPT_EMPTY = {
    ("hostPath", "type"),
    ("grpc", "service"),
    ("roleRef", "apiGroup"),
    ("subjects[]", "apiGroup"),
}
"""Strings, below their parent, that the server itself defaults to empty."""


def normalised(obj: Any) -> Any:
    """Return a built-in object as its own types would write it back.

    Raise BadRequest for a value of the wrong type.
    """
    return _map(obj, "")


def _map(value: dict[str, Any], name: str) -> dict[str, Any]:
    if name in _FREE_FORM:
        return _strings(value, name)
    if name in _QUANTITIES:
        return {
            key: _quantity(item, f"{name}.{key}") for key, item in value.items() if item is not None
        }
    result = {}
    for key, item in value.items():
        if item is not None and (kept := _value(item, key, name)) is not None:
            result[key] = kept
    return result


def _value(item: Any, key: str, parent: str) -> Any:
    """Return the value to keep, or None if the server leaves it out."""
    if isinstance(item, dict):
        inner = _map(item, key)
        return inner if inner or key not in _EMPTY_MAPS else None
    if isinstance(item, list):
        return [
            _map(entry, f"{key}[]") if isinstance(entry, dict) else entry
            for entry in item
            if entry is not None
        ] or None
    if isinstance(item, float) and key not in _ONE_QUANTITY:
        raise BadRequest(f"cannot unmarshal number {item} into field {key} of type integer")
    if (
        item == ""
        and key != "storageClassName"
        and parent != "selector"
        and (parent, key) not in _KEPT_EMPTY
    ):
        return None
    if (item is False and key in _FALSE) or (item == 0 and item is not False and key in _ZERO):
        return None
    return _quantity(item, key) if key in _ONE_QUANTITY else item


def _strings(value: dict[str, Any], name: str) -> dict[str, Any]:
    for key, item in value.items():
        if item is not None and not isinstance(item, str):
            raise BadRequest(
                f"cannot unmarshal {type(item).__name__} into field {name}[{key}] of type string"
            )
    return {key: "" if item is None else item for key, item in value.items()}


def _quantity(item: Any, path: str) -> Any:
    try:
        return quantity.canonical(item)
    except ValueError as error:
        raise BadRequest(f"{path}: {error}") from None

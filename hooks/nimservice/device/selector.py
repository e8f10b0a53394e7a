"""Selector: the conditions on a device as CEL over ``device``, byte for byte as NVIDIA's operator.

A claim that the operator made is therefore the same here. See
https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/.
"""

import re
from collections.abc import Iterator

from hooks.kernel.quantity import InvalidQuantity, canonical
from hooks.nimservice.api.dra import SEMVER, AttributeSelector, CapacitySelector, Device

_SIGNS = {
    "Equal": "==",
    "NotEqual": "!=",
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
}
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
# an identifier that is not a keyword of CEL
_NAME = re.compile(r"(?!(?:true|false|null|in)$)[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


class Unusable(ValueError):
    """A selector without a valid expression, with its path within the device and the remedy."""

    def __init__(self, path: str, message: str, remedy: str = "") -> None:
        super().__init__(f"{path}: {message}")
        self.path, self.message, self.remedy = path, message, remedy


def expressions(device: Device) -> list[str]:
    """Return the conditions on a device: its driver's name, then the selectors.

    Raises:
        Unusable: if a selector has no valid expression.
    """
    return [
        f"device.driver == {quoted(device.driver_name)}",
        *(device.cel_expressions or _selected(device)),
    ]


def quoted(text: str) -> str:
    """Return a text as a literal, quoted like Go's ``%q``."""
    return (
        '"'
        + "".join(
            _ESCAPES.get(letter) or (letter if letter.isprintable() else _code(letter))
            for letter in text
        )
        + '"'
    )


def _selected(device: Device) -> Iterator[str]:
    for index, attribute in enumerate(device.attribute_selectors):
        yield _attribute(attribute, device.driver_name, f"attributeSelectors[{index}]")
    for index, capacity in enumerate(device.capacity_selectors):
        yield _capacity(capacity, device.driver_name, f"capacitySelectors[{index}]")


def _attribute(selector: AttributeSelector, driver: str, path: str) -> str:
    left, sign, value = (
        _field("attributes", selector.key, driver, path),
        _SIGNS[selector.op],
        selector.value,
    )
    if value.bool_value is not None:
        return f"{left} {_equality(sign, path)} {'true' if value.bool_value else 'false'}"
    if value.int_value is not None:
        return f"{left} {sign} {value.int_value}"
    if value.string_value is not None:
        return f"{left} {_equality(sign, path)} {quoted(value.string_value)}"
    if value.version_value is None:
        raise Unusable(
            f"{path}.value",
            "is empty",
            "give one of boolValue, intValue, stringValue and versionValue",
        )
    if not re.fullmatch(SEMVER, value.version_value, re.ASCII):
        raise Unusable(
            f"{path}.value.versionValue",
            f"{value.version_value!r} is not a semantic version such as 9.0.0",
            "correct it",
        )
    return f"({left}).compareTo(semver({quoted(value.version_value)})) {sign} 0"


def _capacity(selector: CapacitySelector, driver: str, path: str) -> str:
    left = _field("capacity", selector.key, driver, path)
    try:
        amount = canonical(selector.value)
    except InvalidQuantity as error:
        raise Unusable(f"{path}.value", str(error), "correct it") from None
    return f"({left}).compareTo(quantity({quoted(amount)})) {_SIGNS[selector.op]} 0"


def _field(group: str, key: str, driver: str, path: str) -> str:
    """Return the field of a key: ``domain/name``, or a name in the driver's own domain."""
    domain, name = key.split("/", 1) if "/" in key else (driver, key)
    if not _DOMAIN.fullmatch(domain) or not _NAME.fullmatch(name):
        raise Unusable(
            f"{path}.key",
            f"{key!r} is not an identifier, alone or after a domain (domain/name)",
            "correct it",
        )
    return f'device.{group}["{domain}"].{name}'


def _equality(sign: str, path: str) -> str:
    if sign not in ("==", "!="):
        raise Unusable(
            f"{path}.op", "boolValue and stringValue have no order", "use Equal or NotEqual"
        )
    return sign


def _code(letter: str) -> str:
    number = ord(letter)
    if number < 0x80:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"

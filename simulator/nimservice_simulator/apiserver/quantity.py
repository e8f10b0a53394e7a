"""Quantity: amounts written the one way the API server stores them."""

import re
from fractions import Fraction

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")


def canonical(text: str | int | float) -> str:
    """Return an amount as the API server writes it: ``1000m`` as ``1``, ``1024Mi`` as ``1Gi``.

    Raise ValueError for any other text.
    """
    match = _FORM.fullmatch(str(text))
    if not match:
        raise ValueError(f"quantity {text!r} is not a number with a known suffix")
    number, suffix = Fraction(match[1]), match[2] or ""
    if suffix in _BINARY:
        return _binary(number * Fraction(1024) ** _BINARY[suffix])
    if suffix in _DECIMAL:
        return _decimal(number * Fraction(10) ** _DECIMAL[suffix])
    return _exponent(number * Fraction(10) ** int(suffix[1:]))


def amount(text: str | int | float) -> Fraction:
    """Return the number that an amount stands for."""
    match = _FORM.fullmatch(str(text))
    if not match:
        raise ValueError(f"quantity {text!r} is not a number with a known suffix")
    suffix = match[2] or ""
    if suffix in _BINARY:
        return Fraction(match[1]) * Fraction(1024) ** _BINARY[suffix]
    exponent = _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])
    return Fraction(match[1]) * Fraction(10) ** exponent


def _decimal(number: Fraction) -> str:
    nano = -((-number * 10**9) // 1)  # finer than a billionth is rounded up, as the server does
    if not nano:
        return "0"
    for suffix, power in sorted(_DECIMAL.items(), key=lambda item: -item[1]):
        unit = 10 ** (power + 9)
        if nano % unit == 0:
            return f"{nano // unit}{suffix}"
    raise AssertionError("every number is a multiple of a billionth")


def _binary(number: Fraction) -> str:
    if abs(number) < 1024 or number.denominator != 1:
        return _decimal(number)
    for suffix, power in sorted(_BINARY.items(), key=lambda item: -item[1]):
        if number % 1024**power == 0:
            return f"{number // 1024**power}{suffix}"
    return str(number)


def _exponent(number: Fraction) -> str:
    nano, exponent = -((-number * 10**9) // 1), -9
    while nano and nano % 1000 == 0:
        nano, exponent = nano // 1000, exponent + 3
    if not nano:
        return "0"
    return f"{nano}e{exponent}" if exponent else str(nano)

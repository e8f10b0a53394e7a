"""Quantity: the canonical form of resource amounts, as the API server stores it.

The rules are those of the Kubernetes API conventions: no fraction, no lost precision, the largest
suffix that leaves a whole number. ``1024Mi`` is ``1Gi``, ``0.5`` is ``500m``, ``1000`` is ``1k``.
"""

import re
from decimal import ROUND_UP, Context, Decimal
from functools import lru_cache

_FORM = re.compile(
    r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,2}))?", re.ASCII
)
_LONGEST = 64  # characters: no amount needs more, and arithmetic on longer ones is slow
_EXACT = Context(prec=256)  # digits: enough for the longest text with the largest suffix
_LARGEST_BINARY = 2**63 - 1  # bytes: where the API server stops counting in powers of two
_BINARY = {f"{letter}i": 1024**power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


class InvalidQuantity(ValueError):
    """A text that is not a quantity."""


def value(amount: int | str) -> Decimal:
    """Return the amount as a number.

    Raises:
        InvalidQuantity: if the text is not a quantity.
    """
    return _parse(amount)[0]


@lru_cache(maxsize=4096)  # a fleet uses a few hundred different amounts
def canonical(amount: int | str) -> str:
    """Return the amount in canonical form.

    Raises:
        InvalidQuantity: if the text is not a quantity.
    """
    number, form = _parse(amount)
    if form == "binary" and abs(number) >= 1024 and number == int(number):
        return _scaled_binary(int(number))
    return _scaled_decimal(number, exponent=form == "exponent")


def _parse(amount: int | str) -> tuple[Decimal, str]:
    text = str(amount)
    match = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise InvalidQuantity(f"{text[:_LONGEST]!r} is not a quantity such as 1, 500m or 50Gi")
    digits, binary, decimal, exponent = match.groups()
    if binary:
        number = _EXACT.multiply(Decimal(digits), Decimal(_BINARY[binary]))
        return max(min(number, Decimal(_LARGEST_BINARY)), Decimal(-_LARGEST_BINARY)), "binary"
    if exponent:
        return _EXACT.scaleb(Decimal(digits), int(exponent)), "exponent"
    return _EXACT.scaleb(Decimal(digits), _DECIMAL[decimal or ""]), "decimal"


def _scaled_binary(whole: int) -> str:
    for suffix, factor in reversed(_BINARY.items()):
        if whole % factor == 0:
            return f"{whole // factor}{suffix}"
    return str(whole)


def _scaled_decimal(number: Decimal, *, exponent: bool) -> str:
    if number == 0:
        return "0"
    # The API server rounds away from zero to a billionth.
    nanos = int(_EXACT.scaleb(number, 9).to_integral_value(ROUND_UP))
    power = -9
    while nanos % 1000 == 0 and power < 18:
        nanos //= 1000
        power += 3
    if exponent:
        return f"{nanos}e{power}" if power else str(nanos)
    return f"{nanos}{next(suffix for suffix, at in _DECIMAL.items() if at == power)}"

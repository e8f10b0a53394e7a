"""Values: copying and comparing JSON values as the wire and Go's deep equality see them."""

from typing import Any, TypeVar

import orjson

T = TypeVar("T")


def copied(value: T) -> T:
    """Return a copy that shares nothing with the original."""
    copy: T = orjson.loads(orjson.dumps(value))
    return copy


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal, also in type: ``1``, ``1.0`` and ``true`` differ.

    Absent, null and empty differ, too.
    """
    return canonical(left) == canonical(right)


def canonical(value: Any) -> bytes:
    """Return the JSON text with sorted keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def whole_numbers(value: T) -> T:
    """Return a value as Go writes it back: a float without a fraction as an integer."""
    result: Any = value
    if isinstance(value, dict):
        result = {name: whole_numbers(item) for name, item in value.items()}
    elif isinstance(value, list):
        result = [whole_numbers(item) for item in value]
    elif isinstance(value, float) and value.is_integer():
        result = int(value)
    answer: T = result
    return answer

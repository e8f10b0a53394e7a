"""Choice: an argument that is one of some."""

import argparse
from collections.abc import Callable, Iterable
from typing import TypedDict

from hooks.kernel.spelling import nearest


class _OneOf(TypedDict):
    choices: tuple[str, ...]
    type: Callable[[str], str]


def one_of(choices: Iterable[str]) -> _OneOf:
    """Return options of ``add_argument`` for a value that is one of some."""
    known = tuple(choices)

    def read(value: str) -> str:
        if value in known:
            return value
        remedy = nearest(value, known) or f"use one of {', '.join(known)}"
        raise argparse.ArgumentTypeError(f"there is no {value!r}; {remedy}")

    return {"choices": known, "type": read}

"""Values: parts of a spec whose shape was not checked yet, and the words for a wrong one."""

from typing import Any

from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.observed import mapping
from hooks.kernel.spelling import nearest


def mappings(value: Any) -> list[JSON]:
    """Return a list of objects; what is none is empty, so that positions stay."""
    return [mapping(each) for each in value] if isinstance(value, list) else []


def cut(text: str) -> str:
    """Return a text that fits into a line."""
    return text if len(text) <= 70 else f"{text[:69]}…"


def no_choice(path: str, value: Any, choices: tuple[str, ...]) -> Problem:
    """Return the problem of a value that is none of some choices."""
    listed = f"{', '.join(choices[:-1])} or {choices[-1]}"
    return Problem(path, f'must be {listed}, is "{value}"', nearest(value, choices))

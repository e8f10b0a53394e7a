"""Spelling: suggests the nearest of several names."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


def nearest(word: Any, choices: Iterable[Any], *, cutoff: float = 0.6) -> str:
    """Return ``did you mean X?`` for a choice near the word, else an empty text.

    Args:
        word: what somebody wrote.
        choices: what is known.
        cutoff: how near a choice must be, from 0 to 1; higher for choices that resemble each other.
    """
    by_lower_case = {str(choice).lower(): choice for choice in choices}
    near = get_close_matches(str(word).lower(), by_lower_case, n=1, cutoff=cutoff)
    return f"did you mean {by_lower_case[near[0]]}?" if near else ""

"""Finding: something worth telling the user, found while building or observing."""

from typing import NamedTuple


class Finding(NamedTuple):
    """What was found."""

    reason: str
    """CamelCase, stable, documented: the ``reason`` of a condition."""
    message: str
    """One sentence with the names, then what to do about it."""
    condition: str = "Degraded"
    """The type of the condition that says so."""

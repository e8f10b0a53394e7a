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
    subject: str = ""
    """What it is about, as far as a decision depends on that: a kind, or ``Kind/name``."""
    path: str = ""
    """The field of the spec that is to blame, for example ``spec.image.tag``; ``message`` does not repeat it."""

    @property
    def text(self) -> str:
        """The message as a condition has it, the path first."""
        return f"{self.path}: {self.message}" if self.path else self.message

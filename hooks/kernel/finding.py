"""Finding: something worth telling the user, found while building or observing."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One fact, with what to do about it."""

    reason: str
    """CamelCase, stable, documented: the ``reason`` of a condition."""
    message: str
    """What is the case, as a sentence without its full stop."""
    remedy: str = ""
    """What to do about it, as a clause in lower case; empty where the message says enough."""
    condition: str = "Degraded"
    """The type of the condition that carries it."""
    subject: str = ""
    """What it is about, as far as a decision depends on that: a kind, or ``Kind/name``."""
    path: str = ""
    """The field to blame, for example ``spec.image.tag``; ``message`` does not repeat it."""

    @property
    def cause(self) -> str:
        """The field to blame, if there is one, and the message."""
        return f"{self.path}: {self.message}" if self.path else self.message

    @property
    def text(self) -> str:
        """The cause and the remedy, as a condition carries them."""
        return with_remedy(self.cause, self.remedy)


def with_remedy(cause: str, remedy: str) -> str:
    """Return a cause and its remedy as one text: the cause first, the remedy after a semicolon."""
    return f"{cause.rstrip('.')}; {remedy}" if remedy else cause


def sentences(*parts: str) -> str:
    """Return the sentences that are not empty as one text, without its last full stop."""
    return ". ".join(part.rstrip(".") for part in parts if part)

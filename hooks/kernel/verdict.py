"""Verdict: what the status says of a resource as a whole."""

from typing import Literal, NamedTuple

from hooks.kernel.finding import with_remedy


class Verdict(NamedTuple):
    """What the status says of a resource as a whole."""

    state: str
    """``status.state``: the state in one word of the resource's API."""
    reason: str
    """CamelCase, stable, documented."""
    message: str
    """What is the case, as sentences without the last full stop."""
    progress: Literal["Reconciling", "Stalled"] | None = None
    """Whether something is under way, or a user has to act (kstatus)."""
    remedy: str = ""
    """What to do about it, as a clause in lower case; empty where nothing is to be done."""

    @property
    def text(self) -> str:
        """The message and the remedy, as a condition carries them."""
        return with_remedy(self.message, self.remedy)

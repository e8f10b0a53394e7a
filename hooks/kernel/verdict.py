"""Verdict: what is to be said about a resource as a whole."""

from typing import Literal, NamedTuple


class Verdict(NamedTuple):
    """What is to be said about a resource."""

    state: str
    """``status.state``: the state in one word of the resource's API."""
    reason: str
    """CamelCase, stable, documented."""
    message: str
    """One sentence with the names, then what to do about it."""
    progress: Literal["Reconciling", "Stalled"] | None = None
    """Whether something is under way, or a user has to act (kstatus)."""

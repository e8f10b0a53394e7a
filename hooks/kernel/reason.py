"""Reason: a reason that conditions carry, as ``docs/status.md`` explains it."""

from typing import NamedTuple


class Reason(NamedTuple):
    """A reason, as the documentation explains it."""

    name: str
    """CamelCase and stable: programs may rely on it. Kubernetes' own where it has one."""
    meaning: str
    """What is the case, in one sentence."""
    remedy: str
    """What to do about it."""
    holds: bool = False
    """Whether a sync that finds it keeps children as they are; such syncs are counted by this reason."""

"""Reason: a reason that conditions carry, as ``docs/status.md`` explains it."""

from typing import NamedTuple


class Reason(NamedTuple):
    """A reason, as the documentation explains it."""

    name: str
    """CamelCase and stable: programs may rely on it. Kubernetes' own where it has one."""
    meaning: str
    """The meaning, in one sentence."""
    remedy: str
    """What to do about it."""
    holds: bool = False
    """Whether a sync with this reason holds children; a metric counts these syncs."""

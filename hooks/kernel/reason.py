"""Reason: a reason that conditions carry, as ``docs/status.md`` explains it."""

from collections.abc import Iterable
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


def section(title: str, text: str, reasons: Iterable[Reason]) -> str:
    """Return a part of a page of Markdown, with a table of reasons."""
    rows = "".join(
        f"| `{reason.name}` | {reason.meaning} | {reason.remedy} |\n" for reason in reasons
    )
    return f"\n## {title}\n\n{text}\n\n| reason | means | what to do |\n|---|---|---|\n{rows}"

"""Condition: the conditions of a parent, with times that move only when a status flips."""

from collections.abc import Iterable
from datetime import datetime

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.verdict import Verdict

_LONGEST = 1024  # bytes: more than a sentence or two belongs into a log


def conditions(
    verdict: Verdict, findings: Iterable[Finding], old: Manifest, generation: int, now: datetime
) -> list[Manifest]:
    """Return the conditions that a verdict and the findings of building make, with their times."""
    return timed(said(verdict, findings), old, generation, now)


def said(verdict: Verdict, findings: Iterable[Finding]) -> list[Manifest]:
    """Return the conditions that a verdict and the findings of building make; all findings of one condition share it."""
    ready, failed = verdict.state == "Ready", verdict.state == "Failed"
    made = [
        condition("Ready", ready, verdict.reason, verdict.message),
        condition("Failed", failed, verdict.reason, verdict.message if failed else ""),
    ]
    if verdict.progress:
        made.append(condition(verdict.progress, True, verdict.reason, verdict.message))
    made += [
        condition(kind, kind == "Degraded", *words)
        for kind, words in sorted(_by_condition(findings).items())
    ]
    return made


def timed(
    made: Iterable[Manifest], old: Manifest, generation: int, now: datetime
) -> list[Manifest]:
    """Return conditions with their times.

    Args:
        made: the conditions, made by ``condition``.
        old: the status as it was last written.
        generation: the generation of the parent that all this was found for.
        now: the time of a status that flips.
    """
    times = {
        each.get("type"): each for each in old.get("conditions") or [] if isinstance(each, dict)
    }
    return [
        {
            **each,
            "observedGeneration": generation,
            "lastTransitionTime": _since(each, times.get(each["type"]), now),
        }
        for each in made
    ]


def _by_condition(findings: Iterable[Finding]) -> dict[str, tuple[str, str]]:
    by_type: dict[str, tuple[str, str]] = {}
    for finding in dict.fromkeys(findings):
        first, before = by_type.get(finding.condition, (finding.reason, ""))
        by_type[finding.condition] = (
            first,
            f"{before}; {finding.text}" if before else finding.text,
        )
    return by_type


def condition(kind: str, status: bool, reason: str, message: str) -> Manifest:
    """Return a condition without its times, its message on one line of bounded length."""
    shown = prose.shortened(prose.one_line(message), _LONGEST)
    return {
        "type": kind,
        "status": "True" if status else "False",
        "reason": reason,
        "message": shown,
    }


def _since(condition: Manifest, old: Manifest | None, now: datetime) -> str:
    if (
        old
        and old.get("status") == condition["status"]
        and isinstance(old.get("lastTransitionTime"), str)
    ):
        return str(old["lastTransitionTime"])
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")

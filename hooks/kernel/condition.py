"""Condition: the conditions of a parent, with times that move only when a status flips."""

from collections.abc import Iterable
from datetime import UTC, datetime

from hooks.kernel import prose
from hooks.kernel.finding import Finding, sentences
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mappings, text
from hooks.kernel.verdict import Verdict

_LONGEST = 1024  # bytes: more than a few sentences belongs into a log


def conditions(
    verdict: Verdict, findings: Iterable[Finding], old: Manifest, generation: int, now: datetime
) -> list[Manifest]:
    """Return the conditions that carry a verdict and findings, with their times."""
    return timed(said(verdict, findings), old, generation, now)


def said(verdict: Verdict, findings: Iterable[Finding]) -> list[Manifest]:
    """Return the conditions that carry a verdict and findings; findings of one type share one."""
    ready, failed = verdict.state == "Ready", verdict.state == "Failed"
    made = [
        condition("Ready", ready, verdict.reason, verdict.text),
        condition("Failed", failed, verdict.reason, verdict.text if failed else ""),
    ]
    if verdict.progress:
        made.append(condition(verdict.progress, True, verdict.reason, verdict.text))
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
    times = {text(each.get("type")): each for each in mappings(old.get("conditions"))}
    return [
        {
            **each,
            "observedGeneration": generation,
            "lastTransitionTime": _since(each, times.get(each["type"], {}), now),
        }
        for each in made
    ]


def _by_condition(findings: Iterable[Finding]) -> dict[str, tuple[str, str]]:
    """Return the first reason and all texts for each type of condition."""
    by_type: dict[str, tuple[str, str]] = {}
    for finding in dict.fromkeys(findings):
        first, before = by_type.get(finding.condition, (finding.reason, ""))
        by_type[finding.condition] = (first, sentences(before, finding.text))
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


def _since(condition: Manifest, old: Manifest, now: datetime) -> str:
    since = text(old.get("lastTransitionTime"))
    if since and old.get("status") == condition["status"]:
        return since
    return timestamp(now)


def timestamp(time: datetime) -> str:
    """Return a time as Kubernetes writes it, in whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

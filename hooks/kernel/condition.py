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
    """Return the conditions that a verdict and the findings of building make.

    Args:
        verdict: what is to be said.
        findings: what building found out; all findings of one condition share it.
        old: the status as it was last written.
        generation: the generation of the parent that all this was found for.
        now: the time of a status that flips.
    """
    ready, failed = verdict.state == "Ready", verdict.state == "Failed"
    made = [
        _condition("Ready", ready, verdict.reason, verdict.message),
        _condition("Failed", failed, verdict.reason, verdict.message if failed else ""),
    ]
    if verdict.progress:
        made.append(_condition(verdict.progress, True, verdict.reason, verdict.message))
    made += [
        _condition(kind, kind == "Degraded", *said)
        for kind, said in sorted(_by_condition(findings).items())
    ]
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
    said: dict[str, tuple[str, str]] = {}
    for finding in dict.fromkeys(findings):
        first, before = said.get(finding.condition, (finding.reason, ""))
        said[finding.condition] = (first, f"{before}; {finding.text}" if before else finding.text)
    return said


def _condition(kind: str, status: bool, reason: str, message: str) -> Manifest:
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

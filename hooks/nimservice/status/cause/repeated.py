"""Repeated: the failure of a group of pods, kept while it may come again.

LeaderWorkerSet deletes a group at the first restart of a container. The new pods start, and tell
nothing until they fail as well.
"""

from datetime import timedelta

from hooks.kernel.condition import timestamp
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, moment, text
from hooks.kernel.pod.reason import WEIGHT
from hooks.nimservice import kinds
from hooks.nimservice.context import Context
from hooks.nimservice.status import rollout
from hooks.nimservice.status.rollout import desired

_FAILURES = ("RunContainerError", "OOMKilled", "CrashLoopBackOff")
"""The reasons for which a group is deleted, the worst first."""

_STEADY = timedelta(minutes=5)
"""How long a failure is told in the same words: leader and workers fail in turn."""


def told(ctx: Context, seen: Finding | None) -> Finding | None:
    """Return the failure that is remembered, unless what is seen says more."""
    before = _remembered(ctx)
    if before is None:
        return seen
    finding = Finding(before["reason"], text(before.get("message")), text(before.get("remedy")))
    if seen is None or WEIGHT[seen.reason] >= WEIGHT["PodInitializing"]:
        return finding
    since = moment(before.get("time"))
    same = seen.reason in _FAILURES and WEIGHT[finding.reason] <= WEIGHT[seen.reason]
    if same and since is not None and not ctx.passed(since, _STEADY):
        return finding
    return seen


def remember(ctx: Context, worst: Finding | None) -> Manifest | None:
    """Return what to keep in the status of how a group failed, or None."""
    before = _remembered(ctx)
    if worst is None or worst.reason not in _FAILURES:
        return before
    new = {"reason": worst.reason, "message": worst.cause, "remedy": worst.remedy}
    if before and all(before.get(key) == value for key, value in new.items()):
        return before
    return {**new, "time": timestamp(ctx.now)}


def _remembered(ctx: Context) -> Manifest | None:
    """Return the failure in the last status; None if another workload failed, or none does."""
    before = mapping(ctx.status.get("groupFailure"))
    same = ctx.status.get("workloadHash") == desired.workload_hash(ctx)
    known = before.get("reason") in _FAILURES
    return before if known and same and in_trouble(ctx) else None


def in_trouble(ctx: Context) -> bool:
    """Whether groups are not all up, so that a failure of one counts."""
    found = rollout.of(ctx) if ctx.workload_kind is kinds.LEADER_WORKER_SET else None
    return bool(found and found.waiting and found.wanted)

"""Kept: the conditions that the reference operator writes, for programs that wait for them."""

from collections.abc import Iterator

from hooks.kernel import observed
from hooks.kernel.condition import condition
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.verdict import Verdict
from hooks.nimcache import kinds, life, naming
from hooks.nimcache.context import Context
from hooks.nimcache.stage import Step

_PVC_CREATED = "NIM_CACHE_PVC_CREATED"
_MADE = (Step.STARTING, Step.DOWNLOADING, Step.FAILED)


_CLAIM_MADE = Finding("PVCCreated", "The claim has been created")
_JOB_MADE = Finding("JobCreated", "The download's Job has been created")
_MODEL_THERE = Finding("JobCompleted", "The claim holds the model")


def conditions(ctx: Context, said: Verdict) -> Iterator[Manifest]:
    """Yield the conditions that hold now; those of former states go."""
    step = life.of(ctx).step
    if ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(ctx.cache)) and not _soon(ctx, said):
        yield _condition(_PVC_CREATED, _CLAIM_MADE)
    if step in _MADE:
        yield _condition("NIM_CACHE_JOB_CREATED", _JOB_MADE)
    if step in (Step.STARTING, Step.DOWNLOADING):
        pending = said.state != "InProgress"
        reason = "JobPending" if pending else "JobRunning"
        yield condition("NIM_CACHE_JOB_PENDING", pending, reason, said.message)
    if step is Step.READY:
        yield _condition("NIM_CACHE_JOB_COMPLETED", _MODEL_THERE)
    if step is Step.FAILED:
        yield condition("NIM_CACHE_JOB_COMPLETED", False, "JobFailed", said.text)
    if step is Step.UNDECIDED:
        yield condition("NIM_CACHE_RECONCILE_FAILED", True, "ReconcileFailed", said.text)


def _soon(ctx: Context, said: Verdict) -> bool:
    """Whether the condition of the claim waits for the next write of the status.

    Claim and probe appear at the same moment, right after the first status. A status for the claim
    alone would be one more write, and one more sync of each NIMService that uses the cache.
    """
    if observed.condition({"status": ctx.status}, _PVC_CREATED):
        return False
    return (said.state, said.reason) == ("Pending", "Probing")


def _condition(kind: str, finding: Finding) -> Manifest:
    return condition(kind, True, finding.reason, finding.text)

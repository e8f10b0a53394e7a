"""Kept: the conditions that the reference operator writes, for programs that wait for them."""

from collections.abc import Iterator

from hooks.kernel.condition import condition
from hooks.kernel.manifest import Manifest
from hooks.kernel.verdict import Verdict
from hooks.nimcache import kinds, life, naming
from hooks.nimcache.context import Context
from hooks.nimcache.life import Step

_MADE = (Step.STARTING, Step.DOWNLOADING, Step.FAILED)


def conditions(ctx: Context, said: Verdict) -> Iterator[Manifest]:
    """Yield the conditions that hold now; those of former states go."""
    step = life.of(ctx).step
    if ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(ctx.cache)):
        yield condition("NIM_CACHE_PVC_CREATED", True, "PVCCreated", "The claim has been created")
    if step in _MADE:
        yield condition(
            "NIM_CACHE_JOB_CREATED", True, "JobCreated", "The download's Job has been created"
        )
    if step in (Step.STARTING, Step.DOWNLOADING):
        pending = said.state != "InProgress"
        reason = "JobPending" if pending else "JobRunning"
        yield condition("NIM_CACHE_JOB_PENDING", pending, reason, said.message)
    if step is Step.READY:
        yield condition("NIM_CACHE_JOB_COMPLETED", True, "JobCompleted", "The model is there")
    if step is Step.FAILED:
        yield condition("NIM_CACHE_JOB_COMPLETED", False, "JobFailed", said.text)
    if step is Step.UNDECIDED:
        yield condition("NIM_CACHE_RECONCILE_FAILED", True, "ReconcileFailed", said.text)

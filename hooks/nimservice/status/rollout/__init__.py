"""Rollout: how far a workload is, by the rules of ``kubectl rollout status``."""

from hooks.nimservice import kinds
from hooks.nimservice.context import Context
from hooks.nimservice.status.rollout import deadline, deployment, groups, predictor
from hooks.nimservice.status.rollout.progress import Rollout as Rollout


def of(ctx: Context) -> Rollout | None:
    """Return how far the workload is, or None without a workload."""
    return ctx.once(_observed)


def _observed(ctx: Context) -> Rollout | None:
    workload = ctx.workload
    if workload is None:
        return None
    if ctx.workload_kind is kinds.DEPLOYMENT:
        return deployment.of(ctx, workload)
    found = (
        groups.of(ctx, workload)
        if ctx.workload_kind is kinds.LEADER_WORKER_SET
        else predictor.of(ctx, workload)
    )
    waits = found.waiting and found.wanted and not found.scaling
    return deadline.timed(ctx, found) if waits else found

"""Deadline: how long a workload may take, where its controller says nothing of it.

Only the controller of Deployments keeps a deadline that gives a model the time to start.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from hooks.kernel.observed import mapping, mappings, metadata, moment, number, status
from hooks.kernel.pod import container
from hooks.nimservice.context import Context, pod_spec
from hooks.nimservice.status.rollout import desired
from hooks.nimservice.status.rollout.progress import Rollout

_FIRST_WORD = timedelta(seconds=60)
"""How long the controller of a new workload may take to report on it: it comes within seconds."""

OVERDUE = "The rollout has exceeded its progress deadline"


def is_new(ctx: Context) -> bool:
    """Whether the first word of the workload's controller is still to be expected.

    Until then there is nothing to report that was not known when the workload was made.
    """
    workload = ctx.workload
    if workload is None or status(workload):
        return False
    made = moment(metadata(workload).get("creationTimestamp"))
    return made is not None and not ctx.passed(made, _FIRST_WORD)


def timed(ctx: Context, found: Rollout) -> Rollout:
    """Return a rollout with the deadline that a Deployment of the same pods has."""
    since = _progressed(ctx, found)
    late = ctx.passed(since, _longest(ctx))
    return replace(found, progressed=since, overdue=OVERDUE if late else None)


def _progressed(ctx: Context, found: Rollout) -> datetime:
    """Return when the rollout began, or a replica became available in it."""
    since = moment(ctx.status.get("lastProgressTime"))
    more = found.available > number(ctx.status.get("availableReplicas"))
    return ctx.now if since is None or more or desired.is_edited(ctx) else since


def _longest(ctx: Context) -> timedelta:
    """Return how long a rollout may make no progress, as ``children.deployment`` has it."""
    pod = pod_spec(ctx.workload_kind, ctx.workload or {})
    probes = (mapping(each.get("startupProbe")) for each in mappings(pod.get("containers")))
    budget = max((container.budget(each) for each in probes), default=0)
    grace = ctx.nim.spec.termination_grace_period_seconds or 0
    return timedelta(seconds=min(max(budget, 0) + grace + 600, 2**31 - 1))

"""Progress: how far a workload is, and what its controller has noticed of it."""

from dataclasses import dataclass
from datetime import datetime

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, metadata, number, spec, status
from hooks.nimservice import kinds
from hooks.nimservice.context import Context
from hooks.nimservice.status.rollout import desired

UNNOTICED = "The controller has not observed the latest change yet"


@dataclass(frozen=True)
class Rollout:
    """How far a workload is."""

    wanted: int
    """Desired replicas."""
    replicas: int
    """Existing replicas."""
    updated: int
    """Replicas that run the newest template."""
    available: int
    """Available replicas."""
    waiting: str | None
    """What the rollout waits for, as a sentence; None if it is complete."""
    noticed: bool = True
    """Whether the controller has observed the latest change of the workload."""
    overdue: str | None = None
    """Why it will not complete without a user, as a sentence; None while it may."""
    scaling: bool = False
    """Whether it only waits for further replicas of the current template."""
    progressed: datetime | None = None
    """When a rollout last made progress, if the hooks keep its deadline: only the controller of
    Deployments keeps one that gives a model the time to start."""
    complete: str | None = None
    """What to report of a complete rollout; None for the number of replicas."""


def wanted(ctx: Context, workload: Manifest) -> int:
    """Return the desired replicas, also those of an edit that this sync applies."""
    current = number(spec(workload).get("replicas"), 1)
    return number(spec(desired.workload(ctx) or {}).get("replicas"), current)


def is_current(ctx: Context, workload: Manifest) -> bool:
    """Whether the counts of a workload tell of its template.

    Where this template was ready, only the number of replicas can have changed since.
    """
    return noticed(workload) or was_ready(ctx)


def was_ready(ctx: Context) -> bool:
    """Whether the last status calls the template that is desired ready."""
    ready = condition(ctx.request.parent, "Ready").get("status") == "True"
    return ready and (desired.status_is_current(ctx) or not desired.is_edited(ctx))


def counts(workload: Manifest, *keys: str) -> tuple[int, ...]:
    """Return numbers of a workload's status; an absent one is 0."""
    found = status(workload)
    return tuple(number(found.get(key)) for key in keys)


def noticed(workload: Manifest) -> bool:
    """Whether the controller has observed the latest change of a workload."""
    generation = _generation(workload)
    # LeaderWorkerSet reports the observed generation since 0.9. An older one counts as current.
    unless_told = generation if workload.get("kind") == kinds.LEADER_WORKER_SET.kind else 0
    return number(status(workload).get("observedGeneration"), unless_told) >= generation


def _generation(workload: Manifest) -> int:
    return number(metadata(workload).get("generation"))

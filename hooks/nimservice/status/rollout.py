"""Rollout: how far a workload is, by the rules of ``kubectl rollout status``."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hooks.kernel import lastapplied
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import (
    annotations,
    carries,
    condition,
    deleted,
    mapping,
    metadata,
    moment,
    name,
    number,
    spec,
    status,
    text,
)
from hooks.nimservice import kinds, naming
from hooks.nimservice.api import kserve
from hooks.nimservice.context import Context

UPDATING = "Updating"
"""The reason while an edit is on its way to the workload; the next sync knows the edit by it."""

NOT_APPLIED = "ChangeNotApplied"
"""The reason once an edit does not reach the workload."""

_UNNOTICED = "The controller has not observed the latest change yet"


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
    complete: str | None = None
    """What to report of a complete rollout; None for the number of replicas."""


def of(ctx: Context) -> Rollout | None:
    """Return how far the workload is, or None without a workload."""
    return ctx.once(_observed)


def _observed(ctx: Context) -> Rollout | None:
    workload = ctx.workload
    if workload is None:
        return None
    if ctx.workload_kind is kinds.LEADER_WORKER_SET:
        return _leader_worker_set(workload)
    if ctx.workload_kind is kinds.INFERENCE_SERVICE:
        return _inference_service(ctx, workload)
    return _deployment(ctx, workload)


def unapplied(ctx: Context) -> bool:
    """Whether an edit is newer than the last status, and changes the observed workload.

    Such a workload may look complete although its rollout has not begun. More replicas of a serving
    workload do not count as such an edit.
    """
    return not _status_is_current(ctx) and _differs(ctx)


def stuck(ctx: Context) -> timedelta | None:
    """Return for how long an edit has failed to reach the workload, or None.

    The reason in the last status tells that an edit was on its way. Under server-side apply, a
    later write of the hooks' fields counts as its arrival.
    """
    ready = condition({"status": ctx.status}, "Ready")
    since = moment(ready.get("lastTransitionTime"))
    on_its_way = ready.get("reason") in (UPDATING, NOT_APPLIED)
    if since is None or not on_its_way or not _status_is_current(ctx) or not _differs(ctx):
        return None
    applied = lastapplied.applied_at(ctx.workload or {}, ctx.settings.field_manager)
    return None if applied and applied >= since else ctx.now - since


def _differs(ctx: Context) -> bool:
    wanted = _desired(ctx)
    if ctx.workload is None or wanted is None:
        return False
    applied = _comparable(spec(lastapplied.last_applied(ctx.workload, ctx.settings.field_manager)))
    asked, found = _comparable(wanted.get("spec")), of(ctx)
    if found and found.available and asked.get("replicas") and applied.get("replicas"):
        asked["replicas"] = applied["replicas"]
    return bool(applied != asked)


def _desired(ctx: Context) -> Manifest | None:
    workload = ctx.workload or {}
    return next((child for child in ctx.plan.children if _same(child, workload)), None)


def _status_is_current(ctx: Context) -> bool:
    return bool(ctx.nim.metadata.generation == ctx.status.get("observedGeneration"))


def _comparable(value: Any) -> Any:
    """Return a value with its lists of objects sorted: the API server may keep another order."""
    if isinstance(value, dict):
        return {key: _comparable(value[key]) for key in sorted(value)}
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return sorted(map(_comparable, value), key=str)
    return value


def _same(child: Manifest, other: Manifest) -> bool:
    return bool(child["kind"] == other.get("kind") and child["metadata"]["name"] == name(other))


def _deployment(ctx: Context, deployment: Manifest) -> Rollout:
    progressing, wanted = condition(deployment, "Progressing"), _wanted(ctx, deployment)
    replicas, updated, available = _counts(
        deployment, "replicas", "updatedReplicas", "availableReplicas"
    )
    noticed = _noticed(deployment)
    waiting = _waiting(wanted, replicas, updated, available) if noticed else _UNNOTICED
    reason = progressing.get("reason")
    overdue = text(progressing.get("message")) or "The rollout has exceeded its progress deadline"
    return Rollout(
        wanted=wanted,
        replicas=replicas,
        updated=updated,
        available=available,
        waiting=waiting,
        noticed=noticed,
        # Until the controller notices a change, the conditions are about the one before (Q34).
        overdue=overdue if reason == "ProgressDeadlineExceeded" and noticed else None,
        scaling=reason == "NewReplicaSetAvailable"
        and replicas == updated
        and wanted > 0
        and (noticed or _was_ready(ctx)),
    )


def _wanted(ctx: Context, deployment: Manifest) -> int:
    """Return the desired replicas, also those of an edit that this sync applies."""
    current = number(spec(deployment).get("replicas"), 1)
    return number(spec(_desired(ctx) or {}).get("replicas"), current)


def _was_ready(ctx: Context) -> bool:
    """Whether this generation was ready, so that only the number of replicas can have changed."""
    return (
        _status_is_current(ctx) and condition(ctx.request.parent, "Ready").get("status") == "True"
    )


def _counts(workload: Manifest, *keys: str) -> tuple[int, ...]:
    found = status(workload)
    return tuple(number(found.get(key)) for key in keys)


def _noticed(workload: Manifest, unless_told: int = 0) -> bool:
    observed = number(status(workload).get("observedGeneration"), unless_told)
    return observed >= _generation(workload)


def _generation(workload: Manifest) -> int:
    return number(metadata(workload).get("generation"))


def _waiting(wanted: int, replicas: int, updated: int, available: int) -> str | None:
    if updated < wanted:
        return f"{updated} of {wanted} replicas are updated"
    if replicas > updated:
        return f"{replicas - updated} old replicas still exist"
    if replicas and not wanted:
        return f"{replicas} replicas still exist"
    if available < updated:
        return f"{available} of {wanted} replicas are available"
    return None


def _leader_worker_set(groups: Manifest) -> Rollout:
    """Return how far the groups are; a group is updated or ready once all its pods are."""
    wanted = number(spec(groups).get("replicas"), 1)
    replicas, updated, ready = _counts(groups, "replicas", "updatedReplicas", "readyReplicas")
    # LeaderWorkerSet reports the observed generation since 0.9. An older one counts as current.
    noticed = _noticed(groups, unless_told=_generation(groups))
    waiting = (
        _waiting_for_groups(groups, wanted, replicas, updated, ready) if noticed else _UNNOTICED
    )
    # An update stays in progress until all groups are available again. Before the first time no
    # condition tells it.
    updating = (
        not condition(groups, "Available")
        or condition(groups, "UpdateInProgress").get("status") == "True"
    )
    return Rollout(
        wanted,
        replicas,
        updated,
        available=ready,
        waiting=waiting,
        noticed=noticed,
        scaling=not updating and noticed,
    )


def _waiting_for_groups(
    groups: Manifest, wanted: int, replicas: int, updated: int, ready: int
) -> str | None:
    if updated < wanted:
        return f"{updated} of {wanted} groups are updated"
    if replicas > wanted:
        return f"{replicas - wanted} surplus groups still exist"
    if ready < wanted:
        return f"{ready} of {wanted} groups are ready"
    if condition(groups, "Available").get("status") != "True":
        return "The LeaderWorkerSet does not report that it is available"
    return None


def _inference_service(ctx: Context, service: Manifest) -> Rollout:
    """Return how far KServe is.

    Its generation is that of KServe's own Deployment, and its deadline is shorter than the start of
    a NIM (Q33), so neither counts.
    """
    said, marks = condition(service, "PredictorReady"), annotations(service)
    pods, ready = _predictor_pods(ctx) or _copies(service)
    if marks.get(kserve.STOP) == "true":
        gone = said.get("reason") == "Stopped" and not pods
        return Rollout(
            0, pods, pods, ready, waiting=None if gone else "KServe is stopping the model"
        )
    wanted = number(mapping(spec(service).get("predictor")).get("minReplicas")) or 1
    if said.get("status") != "True":
        return Rollout(
            wanted, pods, pods, ready, waiting="KServe reports that its predictor is not ready"
        )
    mode = status(service).get("deploymentMode") or marks.get(kserve.DEPLOYMENT_MODE)
    if mode not in kserve.STANDARD_MODES:
        # Knative starts a replica for the next request, so none is enough.
        return Rollout(
            wanted,
            pods,
            pods,
            ready,
            waiting=None,
            complete=f"KServe reports a ready predictor with {ready} replicas",
        )
    # KServe's predictor is ready even without replicas: an update may take the only one away.
    waiting = None if ready >= wanted else f"{ready} of {wanted} replicas are available"
    return Rollout(wanted, pods, pods, ready, waiting=waiting, scaling=True)


def _predictor_pods(ctx: Context) -> tuple[int, int] | None:
    """Return the numbers of KServe's pods and of the ready ones, or None if pods are not read."""
    if kinds.POD.group_key not in ctx.request.related:
        return None
    pods = [each for each in ctx.pods if carries(each, naming.selector(ctx.nim))]
    alive = [each for each in pods if not deleted(each)]
    return len(pods), sum(condition(each, "Ready").get("status") == "True" for each in alive)


def _copies(service: Manifest) -> tuple[int, int]:
    """Return the replicas that KServe reports, twice: all of them count as ready."""
    copies = mapping(mapping(status(service).get("modelStatus")).get("copies"))
    total = number(copies.get("totalCopies"))
    return total, total

"""Deployment: how far a Deployment is, ours or KServe's."""

from dataclasses import replace

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, text
from hooks.nimservice.context import Context
from hooks.nimservice.status.rollout import progress
from hooks.nimservice.status.rollout.deadline import OVERDUE
from hooks.nimservice.status.rollout.progress import UNNOTICED, Rollout, counts


def of(ctx: Context, deployment: Manifest) -> Rollout:
    """Return how far the Deployment is, with the deadline that its controller keeps."""
    wanted, noticed = progress.wanted(ctx, deployment), progress.is_current(ctx, deployment)
    found = rolled(deployment, wanted, noticed=noticed)
    progressing = condition(deployment, "Progressing")
    # Until the controller notices a change, the conditions are about the one before (Q34).
    late = progressing.get("reason") == "ProgressDeadlineExceeded" and progress.noticed(deployment)
    return replace(found, overdue=(text(progressing.get("message")) or OVERDUE) if late else None)


def rolled(deployment: Manifest, wanted: int, *, noticed: bool) -> Rollout:
    """Return how far a Deployment is, ours or KServe's, whatever its deadline."""
    replicas, updated, available = counts(
        deployment, "replicas", "updatedReplicas", "availableReplicas"
    )
    finished = condition(deployment, "Progressing").get("reason") == "NewReplicaSetAvailable"
    return Rollout(
        wanted=wanted,
        replicas=replicas,
        updated=updated,
        available=available,
        waiting=_waiting(wanted, replicas, updated, available) if noticed else UNNOTICED,
        noticed=noticed,
        scaling=finished and replicas == updated and wanted > 0 and noticed,
    )


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

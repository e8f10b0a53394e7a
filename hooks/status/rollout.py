"""Rollout: how far a workload is, by the rules of ``kubectl rollout status`` (B13)."""

from dataclasses import dataclass

from hooks.context import Context
from hooks.manifest import Manifest


@dataclass(frozen=True)
class Rollout:
    """How far a workload is."""

    wanted: int
    """Replicas that are asked for."""
    replicas: int
    """Replicas that exist."""
    updated: int
    """Replicas that run the newest template."""
    available: int
    """Replicas that serve."""
    waiting: str | None
    """What the rollout waits for; None when it is complete."""
    overdue: str | None = None
    """Why it will not complete without help; None while it may."""
    scaling: bool = False
    """Whether it waits for further replicas of a template that is rolled out already."""


def of(ctx: Context) -> Rollout | None:
    """Return how far the workload is, or None where there is none."""
    workload = ctx.workload
    if workload is None:
        return None
    return _deployment(workload)


def unapplied(ctx: Context) -> bool:
    """Whether the user's edit is newer than the last status, and changes the workload that is observed.

    Such a workload may look complete although its rollout has not begun.
    """
    workload = ctx.workload
    if workload is None or ctx.nim.metadata.generation == ctx.status.get("observedGeneration"):
        return False
    wanted = next((child for child in ctx.desired if _same(child, workload)), None)
    return wanted is not None and not covers(workload.get("spec"), wanted.get("spec"))


def covers(observed: object, wanted: object) -> bool:
    """Whether applying what is wanted would change nothing in what is observed."""
    if isinstance(wanted, dict):
        return isinstance(observed, dict) and all(covers(observed.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(observed, list) and len(observed) >= len(wanted) and all(map(covers, observed, wanted))
    return bool(observed == wanted)


def _same(child: Manifest, other: Manifest) -> bool:
    return child["kind"] == other.get("kind") and child["metadata"]["name"] == other["metadata"]["name"]


def _deployment(deployment: Manifest) -> Rollout:
    spec, status = deployment.get("spec") or {}, deployment.get("status") or {}
    progressing = condition(deployment, "Progressing")
    wanted = spec.get("replicas", 1)
    replicas, updated, available = (status.get(key) or 0 for key in ("replicas", "updatedReplicas", "availableReplicas"))
    overdue = progressing.get("message") or "the progress deadline is exceeded"
    return Rollout(
        wanted=wanted,
        replicas=replicas,
        updated=updated,
        available=available,
        waiting=_waiting(deployment, wanted, replicas, updated, available),
        overdue=str(overdue) if progressing.get("reason") == "ProgressDeadlineExceeded" else None,
        scaling=progressing.get("reason") == "NewReplicaSetAvailable" and replicas == updated,
    )


def _waiting(deployment: Manifest, wanted: int, replicas: int, updated: int, available: int) -> str | None:
    observed = (deployment.get("status") or {}).get("observedGeneration") or 0
    if observed < (deployment["metadata"].get("generation") or 0):
        return "the change has not been noticed yet"
    if updated < wanted:
        return f"{updated} of {wanted} replicas are updated"
    if replicas > updated:
        return f"{replicas - updated} old replicas are still there"
    if available < updated:
        return f"{available} of {wanted} replicas are available"
    return None


def condition(workload: Manifest, wanted: str) -> Manifest:
    """Return a condition of a workload, or an empty one where it has none."""
    for each in (workload.get("status") or {}).get("conditions") or []:
        if each.get("type") == wanted:
            return dict(each)
    return {}

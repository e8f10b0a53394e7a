"""Groups: how far a LeaderWorkerSet is."""

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition
from hooks.nimservice.context import Context
from hooks.nimservice.status.rollout import progress
from hooks.nimservice.status.rollout.progress import UNNOTICED, Rollout, counts


def of(ctx: Context, groups: Manifest) -> Rollout:
    """Return how far the groups are; a group is updated or ready once all its pods are."""
    wanted = progress.wanted(ctx, groups)
    replicas, updated, ready = counts(groups, "replicas", "updatedReplicas", "readyReplicas")
    noticed = progress.is_current(ctx, groups)
    # An update stays in progress until all groups are available again. Before the first time no
    # condition tells it.
    updating = (
        not condition(groups, "Available")
        or condition(groups, "UpdateInProgress").get("status") == "True"
    )
    waiting = _waiting(groups, wanted, replicas, updated, ready, updating=updating)
    return Rollout(
        wanted,
        replicas,
        updated,
        available=ready,
        waiting=waiting if noticed else UNNOTICED,
        noticed=noticed,
        scaling=not updating and noticed and wanted > 0,
    )


def _waiting(  # noqa: PLR0913 - the counts of one status
    groups: Manifest, wanted: int, replicas: int, updated: int, ready: int, *, updating: bool
) -> str | None:
    if updated < wanted:
        return f"{updated} of {wanted} groups are updated"
    # Where fewer are wanted, the first groups stay.
    if replicas > wanted and (updating or not wanted):
        return f"{replicas - wanted} surplus groups still exist"
    if ready < wanted:
        return f"{ready} of {wanted} groups are ready"
    if condition(groups, "Available").get("status") != "True":
        return "The LeaderWorkerSet does not report that it is available"
    return None

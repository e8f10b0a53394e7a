"""Patience: how long a write may take to be seen before it counts as refused.

Hooks see no events, so they notice a refusal only when a write does not arrive. The status of an
earlier sync says since when it is awaited. The pipeline's managed fields say that no newer edit has
begun since.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from hooks.kernel import observed
from hooks.nimpipeline.context import Context


class Awaited(NamedTuple):
    """Something that is on its way to the cluster."""

    reason: str
    """The reason while it is."""
    lost: str
    """The reason once it has been for too long."""
    patience: timedelta


CREATING = Awaited("Creating", "ChildNotObserved", timedelta(seconds=60))
UPDATING = Awaited("Updating", "ChangeNotApplied", timedelta(seconds=5))
"""Creating takes a request and its event; a change arrives with the very next sync."""


def lost(ctx: Context, awaited: Awaited) -> bool:
    """Whether what an earlier sync of the same spec began should have been seen by now."""
    ready = observed.condition({"status": ctx.status}, "Ready")
    if ctx.status.get("observedGeneration") != ctx.generation:
        return False
    if ready.get("reason") not in (awaited.reason, awaited.lost):
        return False
    since = [observed.moment(ready.get("lastTransitionTime")), *_edits(ctx)]
    times = [each for each in since if each is not None]
    return bool(times) and ctx.passed(max(times), awaited.patience)


def _edits(ctx: Context) -> list[datetime | None]:
    """Return when the pipeline was written, by each of its writers; a status is no edit."""
    entries = observed.mappings(observed.metadata(ctx.request.parent).get("managedFields"))
    return [observed.moment(each.get("time")) for each in entries if not each.get("subresource")]

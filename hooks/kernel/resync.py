"""Resync: when a parent is looked at again although no event asks for it.

Metacontroller syncs a parent at each event of it, of its children and of its related objects. What
changes by time alone is looked at when that time comes. And an event can be lost when a hook fails,
so a parent in progress is looked at again, the later the longer nothing has changed. The hooks
remember nothing, so they read from the objects when that was.
"""

import math
from datetime import datetime, timedelta

from hooks.kernel import observed
from hooks.kernel.clock import Clock
from hooks.kernel.manifest import Manifest
from hooks.kernel.protocol import HookRequest

LONGEST = 600
"""Seconds until an object in progress is looked at again, at most; a setting may ask for more."""


def after(request: HookRequest, status: Manifest, least: int, clock: Clock) -> int:
    """Return the seconds until the next sync of a parent in progress: as many as it is unchanged.

    Args:
        request: the request of this sync.
        status: the status of its answer.
        least: the fewest seconds.
        clock: the time of this sync.
    """
    return int(min(max(_unchanged(request, status, clock), least), max(least, LONGEST)))


def in_time(clock: Clock) -> int | None:
    """Return the seconds until the next patience runs out, or None if nothing waits for a time."""
    if clock.left is None:
        return None
    # Whoever may write a child could write a time that is far away.
    return math.ceil(min(clock.left, timedelta(seconds=LONGEST)).total_seconds())


def _unchanged(request: HookRequest, status: Manifest, clock: Clock) -> float:
    if _facts(status) != _facts(observed.status(request.parent)):
        return 0
    last = _last_write(request)
    return (clock.now - last).total_seconds() if last else 0


def _facts(status: Manifest) -> Manifest:
    """Return a status without what Metacontroller adds to it."""
    return {key: value for key, value in status.items() if key != "observedGeneration"}


def _last_write(request: HookRequest) -> datetime | None:
    """Return the time of the last write of what a sync reads, or None if nothing tells it.

    A deletion is no entry of the ``managedFields``.
    """
    related = (each for group in request.related.values() for each in group.values())
    times: set[str] = set()
    for each in (request.parent, *request.all_observed(), *related):
        metadata = observed.metadata(each)
        for write in observed.mappings(metadata.get("managedFields")):
            times.add(observed.text(write.get("time")))
        times.add(observed.text(metadata.get("creationTimestamp")))
        times.add(observed.text(metadata.get("deletionTimestamp")))
    # All are UTC in whole seconds: their texts have the order of time.
    return next(filter(None, map(observed.moment, sorted(times, reverse=True))), None)

"""Arrival: whether an edit has reached the workload."""

from datetime import datetime
from typing import Any

from hooks.kernel import lastapplied
from hooks.kernel.observed import condition, mapping, moment, spec
from hooks.nimservice.context import Context
from hooks.nimservice.status import rollout
from hooks.nimservice.status.rollout import desired

UPDATING = "Updating"
"""The reason while an edit is on its way to the workload; the next sync knows the edit by it."""

NOT_APPLIED = "ChangeNotApplied"
"""The reason once an edit does not reach the workload."""


def unapplied(ctx: Context) -> bool:
    """Whether an edit is newer than the last status, and changes the observed workload.

    Such a workload may look complete although its rollout has not begun. More replicas of a serving
    workload do not count as such an edit.
    """
    return not desired.status_is_current(ctx) and desired.is_edited(ctx) and _differs(ctx)


def stuck(ctx: Context) -> datetime | None:
    """Return since when an edit has failed to reach the workload, or None.

    The reason in the last status tells that an edit was on its way. Under server-side apply, a
    later write of the hooks' fields counts as its arrival.
    """
    ready = condition({"status": ctx.status}, "Ready")
    since = moment(ready.get("lastTransitionTime"))
    on_its_way = ready.get("reason") in (UPDATING, NOT_APPLIED)
    if since is None or not on_its_way or not desired.status_is_current(ctx) or not _differs(ctx):
        return None
    applied = lastapplied.applied_at(ctx.workload or {}, ctx.settings.field_manager)
    return None if applied and applied >= since else since


def _differs(ctx: Context) -> bool:
    wanted = desired.workload(ctx)
    if ctx.workload is None or wanted is None:
        return False
    applied = _comparable(spec(lastapplied.last_applied(ctx.workload, ctx.settings.field_manager)))
    asked, found = _comparable(spec(wanted)), rollout.of(ctx)
    if found and found.available and asked.get("replicas") and applied.get("replicas"):
        asked["replicas"] = applied["replicas"]
    if found and found.available and "predictor" in asked:
        asked, applied = (
            desired.unscaled(mapping(each.get("predictor"))) for each in (asked, applied)
        )
    return bool(applied != asked)


def _comparable(value: Any) -> Any:
    """Return a value with its lists of objects sorted: the API server may keep another order."""
    if isinstance(value, dict):
        return {key: _comparable(value[key]) for key in sorted(value)}
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return sorted(map(_comparable, value), key=str)
    return value

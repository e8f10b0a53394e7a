"""Absent: a claim or Job that stays missing, because the API server refuses it."""

from datetime import datetime, timedelta

from hooks.kernel.finding import Finding
from hooks.kernel.observed import condition, mapping, mappings, moment
from hooks.nimcache.context import Context

REASON = "NotCreated"

_PATIENCE = timedelta(seconds=60)
"""How long a child may be missing. One request creates it, and its event follows within seconds."""


def of(ctx: Context, child: str, asking: str) -> Finding | None:
    """Return a finding if a child stays missing, or None as long as it may still come.

    Args:
        ctx: the context of this sync.
        child: kind and name of the child.
        asking: the reason in the status while a NIMCache waits for it.
    """
    ready = condition({"status": ctx.status}, "Ready")
    asked = ready.get("reason") in (asking, REASON)
    if not asked or ctx.status.get("observedGeneration") != ctx.generation:
        return None
    since = _since(ctx)
    if since is None or not ctx.passed(since, _PATIENCE):
        return None
    return Finding(
        REASON,
        f"{child} is desired but missing. The API server may refuse it",
        f"see its answer in kubectl describe nimcache {ctx.cache.name} -n {ctx.namespace}, and "
        "correct the field that it names",
    )


def _since(ctx: Context) -> datetime | None:
    """Return the time of the last edit, or of the last change of a condition if that is later."""
    edits = [
        moment(each.get("time"))
        for each in mappings(mapping(ctx.request.parent.get("metadata")).get("managedFields"))
        if not each.get("subresource")
    ]
    changes = [
        moment(condition({"status": ctx.status}, each).get("lastTransitionTime"))
        for each in ("Ready", "NIM_CACHE_JOB_CREATED")
    ]
    return max(filter(None, (*edits, *changes)), default=None)

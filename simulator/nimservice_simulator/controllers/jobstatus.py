"""Job status: the conditions and the times of a Job."""

from hooks.cluster.api import Object
from hooks.kernel import observed
from nimservice_simulator.controllers.world import World

Why = tuple[str, str]
"""Reason and message."""


def condition(job: Object, kind: str) -> Object | None:
    """Return a condition that is true."""
    found = observed.condition(job, kind)
    return found if found.get("status") == "True" else None


def new(kind: str, why: Why, world: World) -> Object:
    """Return a condition that became true."""
    reason, message = why
    times = {"lastProbeTime": world.now(), "lastTransitionTime": world.now()}
    return {"type": kind, "status": "True", **times, "reason": reason, "message": message}


def with_suspension(job: Object, world: World) -> list[Object]:
    """Return the conditions with that of a suspended Job; one that never was suspended has none."""
    conditions: list[Object] = job["status"].get("conditions") or []
    suspended = bool(job["spec"]["suspend"])
    if suspended == bool(condition(job, "Suspended")):
        return conditions
    why = ("JobSuspended", "Job suspended") if suspended else ("JobResumed", "Job resumed")
    changed = {**new("Suspended", why, world), "status": str(suspended)}
    return [*(each for each in conditions if each["type"] != "Suspended"), changed]


def start_time(job: Object, world: World) -> str | None:
    """Return when the Job started: anew each time it is resumed, and not while it is suspended."""
    if job["spec"]["suspend"]:
        return None
    since = job["status"].get("startTime")
    return world.now() if since is None or condition(job, "Suspended") else str(since)

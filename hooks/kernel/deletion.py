"""Deletion: removes the children of a deleted parent in stages.

Requests stop before pods do, and devices and data go last. It never waits for ever: after the grace
period, Kubernetes' garbage collection removes the rest.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from hooks.kernel import lastapplied, strict
from hooks.kernel.document import JSON
from hooks.kernel.kind import POD, Kind
from hooks.kernel.observed import finalizers, metadata, moment, text
from hooks.kernel.protocol import HookRequest
from hooks.kernel.settings import Settings
from hooks.kernel.verdict import Verdict

PodLabels = Callable[[str], dict[str, str]]
"""Returns the labels that identify the pods of a parent, given its name."""


class Stage(NamedTuple):
    """Kinds that are deleted together, before those of the next stage."""

    kinds: tuple[Kind, ...]
    pods: bool = False
    """Whether the stage lasts until the parent's pods are gone: they use its claims and devices."""


CHECK_FINALIZER = "check the controller that set the finalizer"

_DRAINS = "metacontroller.io/"
"""Begins the finalizers by which the hooks drain an object."""


def terminating(request: HookRequest, stages: tuple[Stage, ...], pod_labels: PodLabels) -> Verdict:
    """Return the verdict on a parent during its deletion, whatever its spec."""
    awaited = next((left for stage in stages if (left := [*_left(request, stage, pod_labels)])), [])
    if not awaited:
        return Verdict("NotReady", "Terminating", "The deletion is in progress")
    first = awaited[0]
    more = f" and {len(awaited) - 1} more" if len(awaited) > 1 else ""
    message = f"The deletion waits for {first['kind']} {first['metadata']['name']}{more}"
    if held_by := finalizers(first):
        held = f"{message}, held by finalizer {held_by[0]}"
        return Verdict("NotReady", "Terminating", held, remedy=CHECK_FINALIZER)
    return Verdict("NotReady", "Terminating", message)


def remaining(
    request: HookRequest,
    stages: tuple[Stage, ...],
    pod_labels: PodLabels,
    settings: Settings,
    now: datetime,
) -> list[JSON] | None:
    """Return the children to keep for now, as they were last applied, or None at the end."""
    alive = [child for child in request.all_observed() if not _deleted(child)]
    if not alive or _overdue(request, settings, now):
        return None
    for stage in stages:
        if any(_left(request, stage, pod_labels)):
            return [
                lastapplied.held(child, settings.field_manager)
                for child in alive
                if not _of(child, stage)
            ]
    return []


def foreign_finalizer(obj: JSON) -> str | None:
    """Return a finalizer of others that holds an object during its deletion, or None."""
    return next((each for each in finalizers(obj) if not each.startswith(_DRAINS)), None)


def _left(request: HookRequest, stage: Stage, pod_labels: PodLabels) -> Iterator[JSON]:
    """Yield the children and pods that keep a stage from being over."""
    yield from (child for child in request.all_observed() if _of(child, stage))
    if stage.pods:
        ours = pod_labels(request.parent["metadata"]["name"]).items()
        # Other pods may have the label by which customize asks for pods.
        yield from (
            pod
            for pod in request.related.get(POD.group_key, {}).values()
            if ours <= strict.mapping(pod, "metadata", "labels").items()
        )


def _deleted(child: JSON) -> bool:
    return bool(strict.text(child, "metadata", "deletionTimestamp"))


def _of(child: JSON, stage: Stage) -> bool:
    return any(kind.is_of(child) for kind in stage.kinds)


def _overdue(request: HookRequest, settings: Settings, now: datetime) -> bool:
    grace = timedelta(seconds=settings.finalize_grace_seconds)
    since = text(metadata(request.parent).get("deletionTimestamp"))
    started = moment(since) if since else now
    return started is None or now - started >= grace

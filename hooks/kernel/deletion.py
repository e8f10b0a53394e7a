"""Deletion: takes a deleted parent apart in stages, so that requests stop before pods do, and devices and data go last.

It never waits for ever: ownership takes care of what is left after the grace.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hooks.kernel import lastapplied
from hooks.kernel.kind import POD, Kind
from hooks.kernel.protocol import JSON, HookRequest
from hooks.kernel.settings import Settings
from hooks.kernel.verdict import Verdict

PodLabels = Callable[[str], dict[str, str]]
"""Returns the labels by which the pods of a parent of a name are told from others."""


class Stage(NamedTuple):
    """Kinds that go together, before the next stage does."""

    kinds: tuple[Kind, ...]
    pods: bool = False
    """Whether the stage lasts until the parent's pods are gone: until then they use its claims and devices."""


def terminating(request: HookRequest, stages: tuple[Stage, ...], pod_labels: PodLabels) -> Verdict:
    """Return the verdict on a parent that is being deleted, whatever its spec."""
    awaited = _awaited(request, stages, pod_labels)
    return Verdict(
        "NotReady",
        "Terminating",
        f"being deleted; next to go: {awaited}" if awaited else "being deleted",
    )


def remaining(
    request: HookRequest,
    stages: tuple[Stage, ...],
    pod_labels: PodLabels,
    settings: Settings,
    now: datetime,
) -> list[JSON] | None:
    """Return the children to keep for now, as they were last applied, or None once there is nothing to wait for."""
    observed = list(request.all_observed())
    alive = [child for child in observed if not child["metadata"].get("deletionTimestamp")]
    if not alive or _overdue(request, settings, now):
        return None
    for stage in stages:
        if any(_left(request, stage, pod_labels)):
            return [
                lastapplied.last_applied(child, settings.field_manager)
                for child in alive
                if not _of(child, stage)
            ]
    return []


def _awaited(request: HookRequest, stages: tuple[Stage, ...], pod_labels: PodLabels) -> str | None:
    """Return in words what has to go next, or None where nothing is waited for."""
    for stage in stages:
        if left := list(_left(request, stage, pod_labels)):
            first = left[0]
            finalizers = (
                first["metadata"].get("finalizers")
                if first["metadata"].get("deletionTimestamp")
                else None
            )
            held = (
                f", which finalizer {finalizers[0]} holds: ask who set it"
                if isinstance(finalizers, list) and finalizers
                else ""
            )
            more = f" and {len(left) - 1} more" if len(left) > 1 else ""
            return f"{first['kind']} {first['metadata']['name']}{more}{held}"
    return None


def _left(request: HookRequest, stage: Stage, pod_labels: PodLabels) -> Iterator[JSON]:
    """Yield what has to go before the stage is over."""
    yield from (child for child in request.all_observed() if _of(child, stage))
    if stage.pods:
        ours = pod_labels(request.parent["metadata"]["name"]).items()
        # Related pods are found by a label that may be anybody's.
        yield from (
            pod
            for pod in request.related.get(POD.group_key, {}).values()
            if ours <= (pod["metadata"].get("labels") or {}).items()
        )


def _of(child: JSON, stage: Stage) -> bool:
    return any(kind.is_of(child) for kind in stage.kinds)


def _overdue(request: HookRequest, settings: Settings, now: datetime) -> bool:
    since = request.parent["metadata"].get("deletionTimestamp")
    try:
        started = datetime.fromisoformat(since).astimezone(UTC) if isinstance(since, str) else now
    except (ValueError, OverflowError):
        return True
    return now - started >= timedelta(seconds=settings.finalize_grace_seconds)

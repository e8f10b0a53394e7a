"""Drain: takes a deleted NIMService apart in order: routes and autoscaler first, then the workload, then claims.

Requests stop before pods do, and devices and data are let go of last. It never waits for ever: ownership takes care of what is
left after the grace.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hooks.kernel import lastapplied
from hooks.kernel.kind import Kind
from hooks.kernel.protocol import JSON, HookRequest
from hooks.kernel.settings import Settings
from hooks.nimservice import kinds, naming

ROUTES = (kinds.INGRESS, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.HORIZONTAL_POD_AUTOSCALER, kinds.SERVICE_MONITOR)
WORKLOADS = (kinds.DEPLOYMENT, kinds.LEADER_WORKER_SET, kinds.INFERENCE_SERVICE)
STAGES = (ROUTES, WORKLOADS)
"""What goes first; everything else goes last."""


def remaining(request: HookRequest, settings: Settings, now: datetime) -> list[JSON] | None:
    """Return the children to keep for now, as they were last applied, or None once there is nothing to wait for."""
    observed = list(request.all_observed())
    alive = [child for child in observed if not child["metadata"].get("deletionTimestamp")]
    if not alive or _overdue(request, settings, now):
        return None
    for stage in STAGES:
        # A workload is gone when its pods are: until then they use its claims and devices.
        if any(_of(child, stage) for child in observed) or (stage is WORKLOADS and any(_pods(request))):
            return [lastapplied.last_applied(child, settings.field_manager) for child in alive if not _of(child, stage)]
    return []


def awaited(request: HookRequest) -> str | None:
    """Return in words what has to go next, or None where nothing is waited for."""
    for stage in STAGES:
        pods = _pods(request) if stage is WORKLOADS else ()
        if left := [*(child for child in request.all_observed() if _of(child, stage)), *pods]:
            first = left[0]
            finalizers = first["metadata"].get("finalizers") if first["metadata"].get("deletionTimestamp") else None
            held = f", which finalizer {finalizers[0]} holds: ask who set it" if isinstance(finalizers, list) and finalizers else ""
            more = f" and {len(left) - 1} more" if len(left) > 1 else ""
            return f"{first['kind']} {first['metadata']['name']}{more}{held}"
    return None


def _of(child: JSON, stage: tuple[Kind, ...]) -> bool:
    return any((child.get("apiVersion"), child.get("kind")) == (kind.api_version, kind.kind) for kind in stage)


def _pods(request: HookRequest) -> Iterator[JSON]:
    """Yield the pods of this NIMService; those that are related are found by a label that may be anybody's."""
    ours = {("app.kubernetes.io/instance", request.parent["metadata"]["name"]), ("app.kubernetes.io/managed-by", naming.MANAGED_BY)}
    for pod in request.related.get(kinds.POD.group_key, {}).values():
        if ours <= (pod["metadata"].get("labels") or {}).items():
            yield pod


def _overdue(request: HookRequest, settings: Settings, now: datetime) -> bool:
    since = request.parent["metadata"].get("deletionTimestamp")
    try:
        started = datetime.fromisoformat(since).astimezone(UTC) if isinstance(since, str) else now
    except (ValueError, OverflowError):
        return True
    return now - started >= timedelta(seconds=settings.finalize_grace_seconds)

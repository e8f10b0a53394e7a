"""Switch: a change of the platform, during which the two never serve at once.

The former workload is left out of the answer only when its successor can be made, and the successor is made only when nothing of
the former one is left: its pods hold the GPUs that the successor needs.
"""

from collections.abc import Iterator

from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.kserve import OWNER
from hooks.nimservice.context import Context
from hooks.nimservice.kinds import WORKLOADS
from hooks.nimservice.modelstore import Blocked


def former(ctx: Context) -> str | None:
    """Return what is left of another platform and in the way of the workload that is wanted, in words."""
    if ctx.workload is not None:
        return None
    return _workload(ctx) or _pods(ctx)


def stays(ctx: Context) -> bool:
    """Whether a former workload, and all that belongs to it, is kept because its successor cannot be made."""
    possible = ctx.manages(ctx.workload_kind) and not isinstance(ctx.store, Blocked)
    return ctx.workload is None and not possible and _workload(ctx) is not None


def _workload(ctx: Context) -> str | None:
    for kind in WORKLOADS:
        workload = ctx.running(kind)
        if kind is not ctx.workload_kind and workload is not None:
            return f"{kind.kind} {workload['metadata']['name']}"
    return None


def _pods(ctx: Context) -> str | None:
    found = list(_former_pods(ctx))
    if not found:
        return None
    kind, pod = found[0]
    pods = (
        f"pod {pod['metadata']['name']}"
        + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        + f" of {kind.kind}"
    )
    # An object of a kind that is not managed is not even observed.
    return (
        pods if ctx.manages(kind) else f"{pods}, which this installation does not manage: delete it"
    )


def _former_pods(ctx: Context) -> Iterator[tuple[Kind, Manifest]]:
    for pod in ctx.pods:
        kind = _platform(ctx, pod["metadata"].get("labels") or {})
        done = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if kind is not None and kind is not ctx.workload_kind and not done:
            yield kind, pod


def _platform(ctx: Context, labels: Manifest) -> Kind | None:
    """Return the kind of workload that a pod belongs to, or None where it does not run the model of this NIMService."""
    if not naming.standard_labels(ctx.nim).items() <= labels.items():
        return None
    if labels.get(OWNER) == naming.workload(ctx.nim):
        return kinds.INFERENCE_SERVICE
    apps = {
        naming.group(ctx.nim): kinds.LEADER_WORKER_SET,
        naming.workload(ctx.nim): kinds.DEPLOYMENT,
    }
    return apps.get(str(labels.get("app")))

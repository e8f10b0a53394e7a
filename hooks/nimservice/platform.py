"""Platform: a change of the platform, during which the two never serve at the same time.

The answer drops the former workload only once its successor can be made. The successor is made only
once no pod of the former workload is left, because those pods hold the GPUs that it needs.
"""

from collections.abc import Iterator
from typing import NamedTuple

from hooks.kernel import strict
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import status, text
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.kserve import OWNER
from hooks.nimservice.context import Context
from hooks.nimservice.kinds import WORKLOADS
from hooks.nimservice.modelstore import Blocked


class Former(NamedTuple):
    """What is left of a former platform."""

    name: str
    """The workload or the pods, for example ``Deployment llama``."""
    remedy: str = ""
    """What to do about it; empty where it goes by itself."""


def former(ctx: Context) -> Former | None:
    """Return what is left of a former platform while the desired workload does not exist."""
    return ctx.once(_former)


def _former(ctx: Context) -> Former | None:
    if ctx.workload is not None:
        return None
    return _workload(ctx) or _pods(ctx)


def stays(ctx: Context) -> bool:
    """Whether a former workload and its other children stay, because no successor can be made."""
    if ctx.workload is not None or _workload(ctx) is None:
        return False
    return not ctx.manages(ctx.workload_kind) or isinstance(ctx.store, Blocked)


def _workload(ctx: Context) -> Former | None:
    for kind in WORKLOADS:
        workload = ctx.running(kind)
        if kind is not ctx.workload_kind and workload is not None:
            return Former(f"{kind.kind} {workload['metadata']['name']}")
    return None


def _pods(ctx: Context) -> Former | None:
    found = list(_former_pods(ctx))
    if not found:
        return None
    kind, pod = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    pods = f"pod {pod['metadata']['name']}{more} of the former {kind.kind}"
    # The hooks do not even observe an object of a kind that they do not manage.
    unmanaged = f"delete the {kind.kind}, because this installation does not manage that kind"
    return Former(pods, "" if ctx.manages(kind) else unmanaged)


def _former_pods(ctx: Context) -> Iterator[tuple[Kind, Manifest]]:
    name, ours = naming.workload(ctx.nim), naming.standard_labels(ctx.nim).items()
    apps = {naming.group(ctx.nim): kinds.LEADER_WORKER_SET, name: kinds.DEPLOYMENT}
    for pod in ctx.pods:
        labels = strict.mapping(pod, "metadata", "labels")
        if not ours <= labels.items():
            continue
        by_kserve = labels.get(OWNER) == name
        kind = kinds.INFERENCE_SERVICE if by_kserve else apps.get(text(labels.get("app")))
        done = status(pod).get("phase") in ("Succeeded", "Failed")
        if kind is not None and kind is not ctx.workload_kind and not done:
            yield kind, pod

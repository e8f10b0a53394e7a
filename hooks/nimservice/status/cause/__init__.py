"""Cause: why a NIMService is not ready, in the words of those who know, and what does not work although it is.

Everything is read from what Metacontroller hands over: the children, and the pods and claims that customize asks for. Of
several troubles the worst is told: what is current before what is being replaced or gone, then in the order of the causes in
``reason``, then by the number of pods, then by name.
"""

from collections.abc import Iterator

from hooks.kernel.finding import Finding
from hooks.kernel.pod.reason import WEIGHT
from hooks.kernel.pod.trouble import NOW, Trouble
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context
from hooks.nimservice.status import rollout
from hooks.nimservice.status.cause import (
    absent,
    autoscaler,
    device,
    podgroups,
    route,
    volume,
    workload,
)

SOURCES = (podgroups.troubles, workload.troubles, volume.troubles, device.troubles)
"""Who may know why."""


def worst(ctx: Context) -> Finding | None:
    """Return the worst trouble, or None where there is none to be seen."""
    found = min(
        (each for source in SOURCES for each in source(ctx)),
        key=lambda each: each.order,
        default=None,
    )
    return found.finding if found else None


def warnings(ctx: Context) -> Iterator[Finding]:
    """Yield what does not work and keeps no pod from being ready; of what is being deleted, nothing has to work any more."""
    if ctx.nim.metadata.deletion_timestamp:
        return
    found = rollout.of(ctx)
    serving = found is not None and found.available > 0
    yield from absent.warnings(ctx)
    if serving:
        yield from autoscaler.warnings(ctx)
    yield from route.warnings(ctx, serving=serving)
    yield from _picker(ctx)


def _picker(ctx: Context) -> Iterator[Finding]:
    """Yield the worst trouble of the endpoint picker, but for what passes by itself."""
    deployment = ctx.child(kinds.DEPLOYMENT, naming.endpoint_picker(ctx.nim))
    uncreated = workload.uncreated(deployment) if deployment else None
    troubles = [each for each in (*podgroups.of_picker(ctx), uncreated) if each and _serious(each)]
    if troubles:
        finding = min(troubles, key=lambda each: each.order).finding
        yield Finding(finding.reason, f"endpoint picker: {finding.message}")


def _serious(trouble: Trouble) -> bool:
    return trouble.standing == NOW and WEIGHT[trouble.reason] < WEIGHT["PodInitializing"]

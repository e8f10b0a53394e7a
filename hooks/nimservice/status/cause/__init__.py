"""Cause: why a NIMService is not ready, and what does not work although it is.

Everything is read from the request: the children, and the pods and claims that customize asks for.
The status tells the worst of several troubles, in the order of ``Trouble.order``.
"""

from collections.abc import Iterator

from hooks.kernel.finding import Finding, sentences
from hooks.kernel.manifest import Manifest
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
    repeated,
    route,
    volume,
    workload,
)

SOURCES = (podgroups.troubles, workload.troubles, volume.troubles, device.troubles)
"""The functions that look for troubles."""


def worst(ctx: Context) -> Finding | None:
    """Return the worst trouble, or None; that of a group may be one of a moment ago."""
    return ctx.once(_worst)


def _worst(ctx: Context) -> Finding | None:
    found = min(
        (each for source in SOURCES for each in source(ctx)),
        key=lambda each: each.order,
        default=None,
    )
    return repeated.told(ctx, found.finding if found else None)


def failure(ctx: Context) -> Manifest | None:
    """Return how a group of pods failed last, for the next sync; None where none does."""
    # Looking for the worst costs a twentieth of a sync, and every sync asks this.
    return repeated.remember(ctx, worst(ctx)) if repeated.in_trouble(ctx) else None


def warnings(ctx: Context) -> Iterator[Finding]:
    """Yield what does not work and keeps no pod from being ready; nothing during a deletion."""
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
    """Yield the worst trouble of the endpoint picker that will not pass by itself."""
    deployment = ctx.child(kinds.DEPLOYMENT, naming.endpoint_picker(ctx.nim))
    if deployment is None:
        return
    uncreated = workload.uncreated(deployment)
    troubles = [each for each in (*podgroups.of_picker(ctx), uncreated) if each and _serious(each)]
    if troubles:
        found = min(troubles, key=lambda each: each.order).finding
        message = sentences("The endpoint picker does not work", found.message)
        yield Finding(found.reason, message, found.remedy)


def _serious(trouble: Trouble) -> bool:
    return trouble.standing == NOW and WEIGHT[trouble.reason] < WEIGHT["PodInitializing"]

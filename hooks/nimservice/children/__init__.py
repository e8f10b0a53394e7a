"""Children: the desired objects of a NIMService.

Each kind has its own module; the tuple of builders is the registry.
"""

from collections.abc import Iterator

from hooks.kernel import builder, lastapplied, ownership
from hooks.kernel.builder import Builder
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.plan import Plan
from hooks.nimservice import kinds, naming, platform
from hooks.nimservice.children import (
    computedomain,
    deployment,
    endpointpicker,
    horizontalpodautoscaler,
    ingress,
    persistentvolumeclaim,
    poddisruptionbudget,
    resourceclaimtemplate,
    role,
    route,
    service,
    serviceaccount,
    servicemonitor,
    strayport,
)
from hooks.nimservice.children.endpointpicker import inferencepool
from hooks.nimservice.children.kserve import inferenceservice
from hooks.nimservice.children.multinode import leaderworkerset, mpi, sshkey
from hooks.nimservice.children.template import claim, security, tied
from hooks.nimservice.context import Context, pod_spec
from hooks.nimservice.modelstore import Blocked


def _remarks(ctx: Context) -> Iterator[Manifest | Finding]:
    yield from (*ctx.resolution.findings, *claim.exceptions(ctx.nim))
    if not isinstance(ctx.store, Blocked):
        yield from tied.findings(ctx.nim, ctx.store)


BUILDERS: tuple[Builder, ...] = (
    serviceaccount.build,
    role.build,
    service.build,
    persistentvolumeclaim.build,
    resourceclaimtemplate.build,
    computedomain.build,
    mpi.build,
    sshkey.build,
    deployment.build,
    leaderworkerset.build,
    inferenceservice.build,
    horizontalpodautoscaler.build,
    poddisruptionbudget.build,
    ingress.build,
    endpointpicker.build,
    inferencepool.build,
    route.build,
    servicemonitor.build,
    _remarks,
)


def plan(ctx: Context) -> Plan:
    """Return every child that the answer contains, made or held.

    Raises:
        BuilderError: if a builder fails; it names the builder.
    """
    built, findings = builder.build(ctx, BUILDERS)
    free, taken = ownership.left_to_others(ctx, built)
    children = [strayport.set_aside(ctx, child) for child in _in_transition(ctx, free)]
    children += builder.kept_claims(ctx, children)
    findings += [*taken, *_exceptions(ctx, children)]
    return Plan(tuple(children), tuple(findings), _held(ctx) if children else None)


def _exceptions(ctx: Context, children: list[Manifest]) -> Iterator[Finding]:
    """Yield why a namespace with the standard ``restricted`` refuses the pods of the model."""
    for child in children:
        if _runs_model(ctx, child):
            yield from security.exceptions(pod_spec(ctx.kind_of(child), child))


def _in_transition(ctx: Context, children: list[Manifest]) -> list[Manifest]:
    """Return the children for the time while an input is missing or the platform changes."""
    field_manager = ctx.settings.field_manager
    if platform.stays(ctx):
        return [lastapplied.held(child, field_manager) for child in ctx.request.all_observed()]
    if isinstance(ctx.store, Blocked):
        return (
            children
            if ctx.workload is None
            else [*children, lastapplied.held(ctx.workload, field_manager)]
        )
    return (
        [child for child in children if not _runs_model(ctx, child)]
        if platform.former(ctx)
        else children
    )


def _runs_model(ctx: Context, child: Manifest) -> bool:
    return ctx.kind_of(child) in kinds.WORKLOADS and child["metadata"][
        "name"
    ] != naming.endpoint_picker(ctx.nim)


def _held(ctx: Context) -> str | None:
    """Return the reason why a workload is held, or None."""
    if ctx.workload is None and not platform.stays(ctx):
        return None
    if isinstance(ctx.store, Blocked):
        return ctx.store.finding.reason
    if platform.stays(ctx):
        return "KindNotManaged"
    return next((finding.reason for finding in ctx.resolution.findings), None)

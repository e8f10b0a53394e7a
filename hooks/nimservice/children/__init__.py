"""Children: the objects that a NIMService is to have. One module for each kind, a tuple of builders as the registry."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hooks.kernel import lastapplied
from hooks.kernel.finding import Finding
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest, without_none
from hooks.nimservice import kinds, naming, ownership, platform
from hooks.nimservice.children import (
    computedomain,
    deployment,
    endpointpicker,
    horizontalpodautoscaler,
    ingress,
    persistentvolumeclaim,
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
from hooks.nimservice.children.template import claim, security
from hooks.nimservice.context import Context
from hooks.nimservice.kinds import WORKLOADS
from hooks.nimservice.modelstore import Blocked

Builder = Callable[[Context], Iterator[Manifest | Finding]]

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
    ingress.build,
    endpointpicker.build,
    inferencepool.build,
    route.build,
    servicemonitor.build,
)

_KINDS = {(kind.api_version, kind.kind): kind for kind in kinds.MANAGED}


class BuilderError(Exception):
    """A builder failed; the answer must not be given, because it would miss that builder's children. ``builder`` is its name."""

    def __init__(self, builder: str, error: Exception) -> None:
        super().__init__(f"{builder}: {type(error).__name__}: {error}")
        self.builder = builder


@dataclass(frozen=True)
class Plan:
    """What a NIMService is to have, and what was found out on the way."""

    children: tuple[Manifest, ...]
    findings: tuple[Finding, ...]


def plan(ctx: Context) -> Plan:
    """Return every child that the NIMService is to have now.

    Raises:
        BuilderError: where a builder fails; it names the builder.
    """
    made = [*_built(ctx), *ctx.resolution.findings, *security.exceptions(ctx.nim), *claim.exceptions(ctx.nim)]
    wanted = [without_none(item) for item in made if not isinstance(item, Finding)]
    children = [child for child in wanted if ctx.manages(_kind(child))]
    findings = [item for item in made if isinstance(item, Finding)]
    findings += _unmanaged({_kind(child) for child in wanted if not ctx.manages(_kind(child))})
    claimed = [(child, ownership.finding(ctx, _kind(child), child["metadata"]["name"])) for child in children]
    findings += [found for _, found in claimed if found is not None]
    children = [child for child, found in claimed if found is None]
    children = [strayport.set_aside(ctx, child) for child in _in_transition(ctx, children)]
    children += _kept_claims(ctx, children)
    return Plan(tuple(children), tuple(findings))


def _built(ctx: Context) -> Iterator[Manifest | Finding]:
    for builder in BUILDERS:
        try:
            yield from builder(ctx)
        except Exception as error:
            raise BuilderError(builder.__module__.rpartition(".")[2], error) from error


def _kind(child: Manifest) -> Kind:
    return _KINDS[child["apiVersion"], child["kind"]]


def _unmanaged(missing: set[Kind]) -> Iterator[Finding]:
    for kind in sorted(missing):
        components = " or ".join(kind.components)
        yield Finding("KindNotManaged", f"{kind.kind} is wanted, but this installation does not manage it: add the component {components}")


def _in_transition(ctx: Context, children: list[Manifest]) -> list[Manifest]:
    """Return the children as they are to be while an input is missing, or while a former platform is not out of the way."""
    field_manager = ctx.settings.field_manager
    if platform.stays(ctx):
        return [lastapplied.last_applied(child, field_manager) for child in ctx.request.all_observed()]
    if isinstance(ctx.store, Blocked):
        return children if ctx.workload is None else [*children, lastapplied.last_applied(ctx.workload, field_manager)]
    return [child for child in children if not _runs_model(ctx, child)] if platform.former(ctx) else children


def _runs_model(ctx: Context, child: Manifest) -> bool:
    return _kind(child) in WORKLOADS and child["metadata"]["name"] != naming.endpoint_picker(ctx.nim)


def _kept_claims(ctx: Context, children: list[Manifest]) -> Iterator[Manifest]:
    """Yield the claims that exist and are not asked for any more: they hold the model, and leaving one out deletes it (B8)."""
    asked = {_named(child) for child in children if child["kind"] == kinds.PERSISTENT_VOLUME_CLAIM.kind}
    for _, observed in sorted(ctx.request.observed(kinds.PERSISTENT_VOLUME_CLAIM).items()):
        if _named(observed) not in asked:
            yield lastapplied.last_applied(observed, ctx.settings.field_manager)


def _named(child: Manifest) -> tuple[str | None, str]:
    return child["metadata"].get("namespace"), child["metadata"]["name"]

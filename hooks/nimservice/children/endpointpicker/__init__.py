"""Endpoint picker: chooses a replica for each request that a route sends to the InferencePool."""

from collections.abc import Iterator

from hooks.kernel import lastapplied, ownership
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds, naming
from hooks.nimservice.children.endpointpicker import access, configuration, deployment, service
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest | Finding]:
    """Yield the picker's objects; nothing without a pool to pick from."""
    nim, picker = ctx.nim, ctx.nim.spec.expose.router.epp_config
    if picker is None or nim.kserve or not ctx.manages(kinds.INFERENCE_POOL):
        return
    foreign = ownership.account(ctx, naming.endpoint_picker(nim))
    yield from (
        each for each in access.build(nim, picker) if not foreign or each["kind"] != "RoleBinding"
    )
    yield service.manifest(nim, picker)
    config = configuration.of(ctx, picker)
    if isinstance(config, Finding):
        yield config
        yield from _held(ctx)
        return
    if config.text is not None:
        yield configuration.manifest(ctx, config)
    if foreign and ctx.child(kinds.DEPLOYMENT, naming.endpoint_picker(nim)) is None:
        return
    yield deployment.manifest(ctx, picker, config)


def _held(ctx: Context) -> Iterator[Manifest]:
    """Yield a running picker as last applied: without a configuration a new one would not start."""
    name = naming.endpoint_picker(ctx.nim)
    for child in (
        ctx.child(kinds.CONFIG_MAP, configuration.name(ctx.nim)),
        ctx.child(kinds.DEPLOYMENT, name),
    ):
        if child is not None:
            yield lastapplied.held(child, ctx.settings.field_manager)

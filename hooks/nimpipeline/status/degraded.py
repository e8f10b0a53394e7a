"""Degraded: the parts of a pipeline that do not work although its services may be up."""

from collections.abc import Iterator

from hooks.kernel import observed
from hooks.kernel.finding import Finding
from hooks.nimpipeline.context import Context


def findings(ctx: Context) -> Iterator[Finding]:
    """Yield taken names, services without ``enabled``, and the ``Degraded`` of each NIMService."""
    yield from ctx.plan.findings
    silent = [each.name for each in ctx.pipeline.spec.services if each.enabled is None]
    if silent:
        names = ", ".join(silent)
        yield Finding(
            "EnabledNotSet",
            f"Services without enabled are off ({names})",
            "set enabled to true or false",
        )
    for service in ctx.pipeline.enabled:
        said = observed.condition(ctx.running(service.name) or {}, "Degraded")
        if said.get("status") == "True":
            message = f"{service.name}: {observed.text(said.get('message'))}"
            yield Finding(observed.text(said.get("reason")) or "Degraded", message)

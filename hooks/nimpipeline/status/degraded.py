"""Degraded: what does not work of a pipeline although its services may be up."""

from collections.abc import Iterator

from hooks.kernel import observed
from hooks.kernel.finding import Finding
from hooks.nimpipeline.context import Context


def findings(ctx: Context) -> Iterator[Finding]:
    """Yield names that are taken, services that do not say whether they are enabled, and what degrades each NIMService."""
    yield from ctx.plan.findings
    silent = [each.name for each in ctx.pipeline.spec.services if each.enabled is None]
    if silent:
        names = ", ".join(silent)
        yield Finding(
            "EnabledNotSet", f"off, for want of enabled: {names}; set it to true or false"
        )
    for service in ctx.pipeline.enabled:
        said = observed.condition(ctx.running(service.name) or {}, "Degraded")
        if said.get("status") == "True":
            message = f"{service.name}: {observed.text(said.get('message'))}"
            yield Finding(observed.text(said.get("reason")) or "Degraded", message)

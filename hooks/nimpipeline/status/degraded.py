"""Degraded: the parts of a pipeline that do not work although its services may be up."""

from collections.abc import Iterator

from hooks.kernel import observed
from hooks.kernel.finding import Finding
from hooks.nimpipeline import dependency
from hooks.nimpipeline.context import Context
from hooks.nimpipeline.status import place


def findings(ctx: Context) -> Iterator[Finding]:
    """Yield taken names, no ``enabled``, wrong addresses, and each NIMService's ``Degraded``."""
    yield from ctx.plan.findings
    silent = [each.name for each in ctx.pipeline.spec.services if each.enabled is None]
    if silent:
        names = ", ".join(silent)
        yield Finding(
            "EnabledNotSet",
            f"Services without enabled are off ({names})",
            "set enabled to true or false",
        )
    for index, service in enumerate(ctx.pipeline.spec.services):
        for number, each in enumerate(service.dependencies if service.enabled else ()):
            if said := dependency.trouble(ctx.pipeline, each):
                yield Finding(
                    "DependencyUnreachable",
                    f"{each.env_name} has an address at which nobody answers: {said}",
                    "correct it, or set envValue",
                    path=f"spec.services[{index}].dependencies[{number}]",
                )
    for service in ctx.pipeline.enabled:
        degraded = observed.condition(ctx.running(service.name) or {}, "Degraded")
        if degraded.get("status") == "True":
            said = place.of(ctx.pipeline, service.name, observed.text(degraded.get("message")))
            message = f"{service.name}: {said}"
            yield Finding(observed.text(degraded.get("reason")) or "Degraded", message)

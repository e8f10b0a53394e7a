"""Children: the desired NIMServices of a NIMPipeline."""

from hooks.kernel import builder, ownership
from hooks.kernel.api.model import without_null
from hooks.kernel.builder import Builder
from hooks.kernel.plan import Plan
from hooks.nimpipeline.children import nimservice
from hooks.nimpipeline.context import Context

BUILDERS: tuple[Builder, ...] = (nimservice.build,)


def plan(ctx: Context) -> Plan:
    """Return every desired NIMService, and findings for those that others own.

    Raises:
        BuilderError: if a builder fails; it names the builder.
    """
    # A NIMService keeps an empty list, and some fields require one.
    built, findings = builder.build(ctx, BUILDERS, without_null)
    free, taken = ownership.left_to_others(ctx, built)
    return Plan(tuple(free), (*findings, *taken))

"""Related: the NIMServices by the names of a pipeline's services, those of others among them."""

from collections.abc import Iterable

from hooks.kernel.document import JSON
from hooks.nimpipeline import kinds
from hooks.nimpipeline.context import Context


def rules(ctx: Context) -> Iterable[JSON]:
    """Yield the rules of the customize hook; they depend on the spec alone."""
    if names := [service.name for service in ctx.pipeline.enabled]:
        yield {
            "apiVersion": kinds.NIM_SERVICE.api_version,
            "resource": kinds.NIM_SERVICE.plural,
            "namespace": ctx.namespace,
            "names": names,
        }

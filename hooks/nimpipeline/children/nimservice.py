"""NIMService: one for each service that is enabled, with the variables of its dependencies."""

from collections.abc import Iterator

from hooks.kernel.api.kubernetes import JSON
from hooks.kernel.manifest import Manifest, merge_by_name
from hooks.nimpipeline import kinds
from hooks.nimpipeline.api.service import Dependency, Service
from hooks.nimpipeline.context import Context

_LONGEST = 63  # characters of a label's value


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield a NIMService for each service that is enabled."""
    for service in ctx.pipeline.enabled:
        yield {
            "apiVersion": kinds.NIM_SERVICE.api_version,
            "kind": kinds.NIM_SERVICE.kind,
            "metadata": {
                "name": service.name,
                "namespace": ctx.namespace,
                "labels": _labels(ctx.pipeline.name),
            },
            "spec": _spec(service),
        }


def _labels(pipeline: str) -> dict[str, str] | None:
    """Return the label that names the pipeline, if the name fits into a label."""
    return {"app.kubernetes.io/part-of": pipeline} if len(pipeline) <= _LONGEST else None


def _spec(service: Service) -> JSON:
    """Return the spec as it is given; the variables of dependencies come first and win by name."""
    spec = service.spec or {}
    told = merge_by_name(_variables(service.dependencies))
    if not told:
        return spec
    names = {each["name"] for each in told}
    given = [each for each in spec.get("env", []) if each["name"] not in names]
    return {**spec, "env": [*told, *given]}


def _variables(dependencies: list[Dependency]) -> Iterator[JSON]:
    for each in dependencies:
        if each.env_name:
            yield {"name": each.env_name, "value": each.env_value or f"{each.name}:{each.port}"}

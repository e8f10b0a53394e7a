"""NIMService: one for each service that is enabled, with the variables of its dependencies."""

from collections.abc import Iterator

from hooks.kernel.document import JSON
from hooks.kernel.manifest import Manifest, merge_by_name
from hooks.kernel.observed import carries
from hooks.nimpipeline import dependency, kinds
from hooks.nimpipeline.api.nimpipeline import NIMPipeline
from hooks.nimpipeline.api.service import Dependency, Service
from hooks.nimpipeline.context import Context

_LONGEST = 63  # characters of a label's value
_MANAGED = "nimservice-hooks/managed"
"""The label that the component opt-in selects by."""


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield a NIMService for each service that is enabled."""
    for service in ctx.pipeline.enabled:
        yield {
            "apiVersion": kinds.NIM_SERVICE.api_version,
            "kind": kinds.NIM_SERVICE.kind,
            "metadata": {
                "name": service.name,
                "namespace": ctx.namespace,
                "labels": _labels(ctx) or None,
            },
            "spec": _spec(ctx.pipeline, service),
        }


def _labels(ctx: Context) -> dict[str, str]:
    """Return the label that names the pipeline, if the name fits into a label, and its choice.

    Where an installation manages labelled objects only, those of a pipeline follow the pipeline.
    """
    name = ctx.pipeline.name
    named = {"app.kubernetes.io/part-of": name} if len(name) <= _LONGEST else {}
    chosen = {_MANAGED: "true"}
    return {**named, **chosen} if carries(ctx.request.parent, chosen) else named


def _spec(pipeline: NIMPipeline, service: Service) -> JSON:
    """Return the spec as it is given; the variables of dependencies come first and win by name."""
    spec = service.spec or {}
    told = merge_by_name(_variables(pipeline, service.dependencies))
    if not told:
        return spec
    names = {each["name"] for each in told}
    given = [each for each in spec.get("env", []) if each["name"] not in names]
    return {**spec, "env": [*told, *given]}


def _variables(pipeline: NIMPipeline, dependencies: list[Dependency]) -> Iterator[JSON]:
    for each in dependencies:
        if each.env_name:
            value = each.env_value or dependency.address(pipeline, each)
            yield {"name": each.env_name, "value": value}

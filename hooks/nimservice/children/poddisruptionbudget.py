"""PodDisruptionBudget: how many replicas a drain of nodes may take away at a time."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the budget if one is given.

    A group is away as soon as one of its pods is, so a number of groups counts all their pods.
    """
    nim, given = ctx.nim, ctx.nim.spec.pod_disruption_budget
    if given is None:
        return
    group = nim.multi_node
    size = group.pipeline if group else 1
    yield {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": naming.metadata(
            nim,
            naming.workload(nim),
            labels=naming.labels(nim),
            annotations={**nim.spec.annotations, **security.annotations(ctx)},
        ),
        "spec": {
            "minAvailable": _pods(given.min_available, size),
            "maxUnavailable": _pods(given.max_unavailable, size),
            "selector": {
                "matchLabels": {"app": naming.group(nim)} if group else naming.selector(nim)
            },
        },
    }


def _pods(replicas: int | str | None, size: int) -> int | str | None:
    return min(replicas * size, 2**31 - 1) if isinstance(replicas, int) else replicas

"""Deployment: runs the model if one replica fits on one node."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming, replicas
from hooks.nimservice.children import template
from hooks.nimservice.children.template import probe, strategy
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the Deployment, once the model store is known."""
    nim, store = ctx.nim, ctx.store
    if nim.kserve or nim.multi_node or isinstance(store, Blocked):
        return
    app = naming.workload(nim)
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": naming.metadata(
            nim, app, labels=naming.labels(nim), annotations=template.annotations(ctx)
        ),
        "spec": {
            "replicas": replicas.wanted(ctx),
            "strategy": strategy.of(nim),
            # A pod that loads its model (Q33) or ends its requests is not stuck. 600 s is what
            # Kubernetes gives by default.
            "progressDeadlineSeconds": min(
                max(probe.startup_budget(nim), 0)
                + (nim.spec.termination_grace_period_seconds or 0)
                + 600,
                2**31 - 1,
            ),
            "selector": {"matchLabels": {"app": app}},
            "template": {
                "metadata": template.metadata(ctx, app),
                "spec": template.spec(ctx, store, template.Role(container=naming.container(nim))),
            },
        },
    }

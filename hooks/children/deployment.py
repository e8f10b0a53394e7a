"""Deployment: runs the model where one replica fits on one node."""

from collections.abc import Iterator

from hooks import naming
from hooks.children import pod, replicas
from hooks.children.pod import probe
from hooks.context import Context
from hooks.manifest import Manifest
from hooks.modelstore import Blocked


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the Deployment, once the model store is known."""
    nim, store = ctx.nim, ctx.store
    if nim.kserve or nim.multi_node or isinstance(store, Blocked):
        return
    app = naming.workload(nim)
    yield {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": naming.metadata(nim, app, labels=naming.labels(nim), annotations=pod.annotations(ctx)),
        "spec": {
            "replicas": replicas.wanted(ctx),
            # A GPU is rarely spare: replace pods in place instead of adding one.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0}},
            # A pod that is still loading its model is not stuck (Q33); 600 s is Kubernetes' own deadline.
            "progressDeadlineSeconds": min(max(probe.startup_budget(nim), 0) + 600, 2**31 - 1),
            "selector": {"matchLabels": {"app": app}},
            "template": {"metadata": pod.metadata(ctx, app), "spec": pod.spec(ctx, store, pod.Role(container=naming.container(nim)))},
        },
    }

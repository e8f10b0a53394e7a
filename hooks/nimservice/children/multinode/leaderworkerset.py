"""LeaderWorkerSet: runs the model if one replica spans several nodes.

A replica is then a group of a leader and its workers.
"""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds, naming, replicas
from hooks.nimservice.api.multinode import MultiNode
from hooks.nimservice.children import template
from hooks.nimservice.children.multinode import group
from hooks.nimservice.children.template import strategy
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the LeaderWorkerSet once model store, devices and SSH key exist."""
    nim, store, multi = ctx.nim, ctx.store, ctx.nim.multi_node
    if multi is None or isinstance(store, Blocked) or _waits_for_key(ctx, multi):
        return
    app = naming.group(nim)
    yield {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": naming.metadata(
            nim, app, labels=naming.labels(nim), annotations=template.annotations(ctx)
        ),
        "spec": {
            "replicas": replicas.wanted(ctx),
            "startupPolicy": "LeaderCreated",
            "networkConfig": {"subdomainPolicy": "Shared"},
            "rolloutStrategy": strategy.of_groups(nim),
            "leaderWorkerTemplate": {
                "size": multi.pipeline,
                "restartPolicy": "RecreateGroupOnPodRestart",
                "leaderTemplate": {
                    "metadata": template.metadata(ctx, app, naming.LEADER_ROLE),
                    "spec": template.spec(ctx, store, group.leader(ctx, multi)),
                },
                "workerTemplate": {
                    "metadata": {
                        "labels": naming.worker_labels(nim),
                        "annotations": template.annotations(ctx),
                    },
                    "spec": template.spec(ctx, store, group.worker(ctx, multi)),
                },
            },
        },
    }


def _waits_for_key(ctx: Context, multi: MultiNode) -> bool:
    """Whether a second sync may still replace the key; a running group never waits."""
    if (
        multi.ray is not None
        or ctx.workload is not None
        or not ctx.manages(kinds.LEADER_WORKER_SET)
    ):
        return False
    return ctx.child(kinds.SECRET, naming.ssh_key(ctx.nim)) is None

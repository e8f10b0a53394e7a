"""ReplicaSets: keep as many pods as asked for."""

from hooks.cluster.api import Object, Resource, is_deleting
from nimservice_simulator.controllers.podstates import is_ready
from nimservice_simulator.controllers.world import POD, World, condition, reference, without_zero

REPLICA_SET = Resource("apps/v1", "ReplicaSet", "replicasets")
MANAGER = "replicaset-controller"


class ReplicaSets:
    """Makes and deletes pods, and counts them."""

    kinds = ("ReplicaSet", "Pod")

    def reconcile(self, world: World) -> None:
        """Bring each set to its number of pods."""
        for owner in world.server.list(REPLICA_SET):
            if not is_deleting(owner):
                _reconcile(world, owner)


def _reconcile(world: World, owner: Object) -> None:
    pods = [pod for pod in world.controlled(POD, owner) if not is_deleting(pod)]
    refusal = None
    for _ in range(owner["spec"]["replicas"] - len(pods)):
        refusal = refusal or world.create(_pod(owner), MANAGER)
    # pods that are not ready go first
    for pod in sorted(pods, key=is_ready)[: max(0, len(pods) - owner["spec"]["replicas"])]:
        world.delete(pod, MANAGER)
    pods = [pod for pod in world.controlled(POD, owner) if not is_deleting(pod)]
    ready = sum(map(is_ready, pods))
    status = without_zero(
        {"readyReplicas": ready, "availableReplicas": ready, "fullyLabeledReplicas": len(pods)}
    )
    if refusal:
        message = f'pods "{owner["metadata"]["name"]}-" is forbidden: {str(refusal).partition("is forbidden: ")[2]}'
        failure = {
            "type": "ReplicaFailure",
            "status": "True",
            "reason": "FailedCreate",
            "message": message,
        }
        status["conditions"] = [condition(owner.get("status"), failure, world.now())]
    world.set_status(
        owner,
        {"replicas": len(pods), "observedGeneration": owner["metadata"]["generation"], **status},
        MANAGER,
    )


def _pod(owner: Object) -> Object:
    template = owner["spec"]["template"]
    meta = {
        name: value
        for name, value in template["metadata"].items()
        if name in ("labels", "annotations")
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **meta,
            "generateName": f"{owner['metadata']['name']}-",
            "namespace": owner["metadata"]["namespace"],
            "ownerReferences": [reference(owner)],
        },
        "spec": template["spec"],
    }

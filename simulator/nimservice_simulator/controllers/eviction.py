"""Eviction: evicts one pod, or drains a node, like the eviction API and ``kubectl drain``."""

from hooks.cluster.api import Object, is_deleting
from nimservice_simulator.apiserver.server import USER
from nimservice_simulator.controllers import podstates, runstates
from nimservice_simulator.controllers.podstates import NODE
from nimservice_simulator.controllers.world import POD, World


def evict(world: World, pod: Object) -> None:
    """Mark a pod as disrupted, unless it has ended, and delete it.

    No PodDisruptionBudget is looked at.
    """
    if not runstates.is_over(pod):
        world.edit(pod, lambda copy: podstates.disrupted(copy, world.now()), USER)
    world.delete(pod, USER)


def drain(world: World, node: str = NODE) -> list[Object]:
    """Evict every pod of a node and return them; the node takes new pods at once."""
    pods = [
        pod
        for pod in world.server.list(POD)
        if pod["spec"].get("nodeName") == node and not is_deleting(pod)
    ]
    for pod in pods:
        evict(world, pod)
    return pods

"""Storage: binds claims to volumes, and lets go of deleted claims that no pod uses."""

from collections.abc import Callable
from functools import partial

from hooks.cluster.api import Object, Resource, is_deleting, name_of
from nimservice_simulator.controllers.podstates import NODE
from nimservice_simulator.controllers.scenarios import Scenario
from nimservice_simulator.controllers.world import POD, World

CLAIM = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
MANAGER = "persistentvolume-controller"
SELECTED = "volume.kubernetes.io/selected-node"
"""The annotation with the node that the scheduler chose for the pod of a claim."""
_PROTECTION = "kubernetes.io/pvc-protection"


class Storage:
    """Binder and protector of claims."""

    kinds = ("PersistentVolumeClaim", "Pod")

    def __init__(self, scenario: Callable[[], Scenario]) -> None:
        self._scenario = scenario

    def reconcile(self, world: World) -> None:
        """Bind new claims a second after they are made, and free deleted ones."""
        for claim in world.server.list(CLAIM):
            uid = claim["metadata"]["uid"]
            if is_deleting(claim):
                if _PROTECTION in claim["metadata"].get("finalizers", []) and not _used(
                    world, claim
                ):
                    world.edit(
                        claim,
                        lambda obj: obj["metadata"]["finalizers"].remove(_PROTECTION),
                        MANAGER,
                    )
            elif (
                claim["status"].get("phase") == "Pending"
                and self._scenario().binds
                and not world.is_pending(uid)
            ):
                seconds = self._scenario().provisions
                if seconds and SELECTED not in (claim["metadata"].get("annotations") or {}):
                    world.edit(claim, _select, "kube-scheduler")
                bind = partial(world.edit, claim, _bind, MANAGER)
                world.after(seconds or 1, uid, bind)


def _select(claim: Object) -> None:
    """Ask for a volume on the node that the scheduler chose."""
    claim["metadata"].setdefault("annotations", {})[SELECTED] = NODE


def _bind(claim: Object) -> None:
    spec = claim["spec"]
    spec.setdefault("volumeName", f"pvc-{claim['metadata']['uid']}")
    claim["metadata"].setdefault("annotations", {})["pv.kubernetes.io/bind-completed"] = "yes"
    claim["status"] = {
        "phase": "Bound",
        "accessModes": spec["accessModes"],
        "capacity": {"storage": spec["resources"]["requests"]["storage"]},
    }


def _used(world: World, claim: Object) -> bool:
    namespace, name = name_of(claim)
    # A pod without a node does not count: no node takes a pod whose claim is being deleted.
    return any(
        (volume.get("persistentVolumeClaim") or {}).get("claimName") == name
        for pod in world.server.list(POD, namespace)
        if pod["spec"].get("nodeName")
        for volume in pod["spec"].get("volumes") or []
    )

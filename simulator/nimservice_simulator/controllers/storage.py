"""Storage: binds claims to volumes, and lets go of deleted claims that no pod uses."""

from collections.abc import Callable

from hooks.cluster.api import Object, Resource, is_deleting, name_of
from nimservice_simulator.controllers.scenarios import Scenario
from nimservice_simulator.controllers.world import POD, World

CLAIM = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
MANAGER = "persistentvolume-controller"
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
                and not world.awaits(uid)
            ):
                world.after(1, uid, lambda claim=claim: world.edit(claim, _bind, MANAGER))  # type: ignore[misc]


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
    return any(
        (volume.get("persistentVolumeClaim") or {}).get("claimName") == name
        for pod in world.server.list(POD, namespace)
        for volume in pod["spec"].get("volumes") or []
    )

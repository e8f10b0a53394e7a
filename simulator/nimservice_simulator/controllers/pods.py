"""Pods: the scheduler and the kubelet, playing each pod's part in the scenario."""

from collections.abc import Callable

from hooks.cluster.api import Object, Resource, is_deleting, name_of
from nimservice_simulator.controllers import podstates
from nimservice_simulator.controllers.podstates import State
from nimservice_simulator.controllers.scenarios import Scenario
from nimservice_simulator.controllers.world import POD, World

MANAGER = "kubelet"
_STOPPING = 2.0
"""Seconds that a pod takes to stop when asked to."""
_VOLUME = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
_DEVICE = Resource("resource.k8s.io/v1", "ResourceClaim", "resourceclaims")


class Pods:
    """Plays the scenario for every new pod, and stops deleted ones."""

    kinds = ("Pod", "PersistentVolumeClaim", "ResourceClaim")

    def __init__(self, scenario: Callable[[], Scenario]) -> None:
        self._scenario = scenario
        self._played: set[str] = set()
        self._stopping: set[str] = set()

    def reconcile(self, world: World) -> None:
        """Give each new pod its plan, once its claims allow, and each deleted one its end."""
        for pod in world.server.list(POD):
            uid = pod["metadata"]["uid"]
            if is_deleting(pod) and uid not in self._stopping:
                self._stopping.add(uid)
                world.forget(uid)
                world.after(_STOPPING, uid, lambda pod=pod: world.delete(pod, MANAGER, grace=0))  # type: ignore[misc]
            elif not is_deleting(pod) and uid not in self._played:
                self._place(world, pod)

    def play_again(self, world: World) -> None:
        """Begin again with every pod that is not ready, under the scenario as it is now."""
        for pod in world.server.list(POD):
            if not is_deleting(pod) and not podstates.is_ready(pod):
                world.forget(pod["metadata"]["uid"])
                self._place(world, pod)

    def _place(self, world: World, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        obstacle = _obstacle(world, pod)
        if obstacle:
            self._played.discard(uid)
            _put(world, pod, podstates.unschedulable(f"0/1 nodes are available: {obstacle}."))
            return
        self._played.add(uid)
        for seconds, state in self._scenario().plan(pod):
            world.after(seconds, uid, lambda state=state: _put(world, pod, state))  # type: ignore[misc]


def _obstacle(world: World, pod: Object) -> str | None:
    """Return why no node can take the pod: a claim that is known and not met; one nobody told of is taken to be met."""
    namespace, _ = name_of(pod)
    for volume in pod["spec"].get("volumes") or []:
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if name and world.server.exists(_VOLUME, namespace, name):
            claim = world.server.get(_VOLUME, namespace, name)
            if claim["status"].get("phase") != "Bound":
                return "pod has unbound immediate PersistentVolumeClaims"
    made = {
        entry["name"]: entry["resourceClaimName"]
        for entry in pod["status"].get("resourceClaimStatuses") or []
    }
    for wanted in pod["spec"].get("resourceClaims") or []:
        name = wanted.get("resourceClaimName") or made.get(wanted["name"])
        if name is None:
            return "waiting for resource claims to be made"
        if world.server.exists(_DEVICE, namespace, name):
            claim = world.server.get(_DEVICE, namespace, name)
            if not (claim.get("status") or {}).get("allocation"):
                return "1 cannot allocate all claims"
    return None


def _put(world: World, pod: Object, state: State) -> None:
    """Bring a pod into a state, if it is still there."""
    if not world.server.exists(POD, *name_of(pod)):
        return
    live = world.server.get(POD, *name_of(pod))
    if not is_deleting(live) and live["metadata"]["uid"] == pod["metadata"]["uid"]:
        world.edit(live, lambda copy: state(copy, world.now()), MANAGER)

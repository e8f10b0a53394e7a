"""Pods: the scheduler and the kubelet, playing each pod's part in the scenario."""

from collections.abc import Callable

from hooks.local.api import Object, is_deleting, name_of
from hooks.local.cluster.podstates import State, is_ready
from hooks.local.cluster.scenarios import Scenario
from hooks.local.cluster.world import POD, World
from hooks.local.values import same

MANAGER = "kubelet"
_STOPPING = 2.0
"""Seconds that a pod takes to stop when asked to."""


class Pods:
    """Plays the scenario for every new pod, and stops deleted ones."""

    kinds = ("Pod",)

    def __init__(self, scenario: Callable[[], Scenario]) -> None:
        self._scenario = scenario
        self._played: set[str] = set()
        self._stopping: set[str] = set()

    def reconcile(self, world: World) -> None:
        """Give each new pod its plan and each deleted one its end."""
        for pod in world.server.list(POD):
            uid = pod["metadata"]["uid"]
            if is_deleting(pod) and uid not in self._stopping:
                self._stopping.add(uid)
                world.forget(uid)
                world.after(_STOPPING, uid, lambda pod=pod: world.delete(pod, MANAGER, grace=0))  # type: ignore[misc]
            elif not is_deleting(pod) and uid not in self._played:
                self._play(world, pod)

    def play_again(self, world: World) -> None:
        """Begin again with every pod that is not ready, under the scenario as it is now."""
        for pod in world.server.list(POD):
            if not is_deleting(pod) and not is_ready(pod):
                world.forget(pod["metadata"]["uid"])
                self._play(world, pod)

    def _play(self, world: World, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        self._played.add(uid)
        for seconds, state in self._scenario().plan(pod):
            world.after(seconds, uid, lambda state=state: put(world, pod, state))  # type: ignore[misc]


def put(world: World, pod: Object, state: State) -> None:
    """Bring a pod into a state, if it is still there and the state is news."""
    if not world.server.exists(POD, *name_of(pod)):
        return

    def change(copy: Object) -> None:
        state(copy, world.now())

    live = world.server.get(POD, *name_of(pod))
    if not is_deleting(live) and same(live["metadata"]["uid"], pod["metadata"]["uid"]):
        world.edit(live, change, MANAGER)

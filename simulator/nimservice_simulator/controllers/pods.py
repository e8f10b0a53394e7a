"""Pods: the scheduler and the kubelet, playing each pod's part in the scenario."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from hooks.cluster.api import Object, Resource, is_deleting, name_of
from nimservice_simulator.controllers import podstates, runstates, scenarios
from nimservice_simulator.controllers.containers import Containers
from nimservice_simulator.controllers.scenarios import Plan, Scenario
from nimservice_simulator.controllers.storage import SELECTED
from nimservice_simulator.controllers.world import POD, World

MANAGER = "kubelet"
_GOING = 0.1
"""Seconds from the end of a pod's containers to that of the pod: its Job can see their end."""
_IN_THE_MAKING = "its volume is in the making"
_VOLUME = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
_DEVICE = Resource("resource.k8s.io/v1", "ResourceClaim", "resourceclaims")


class Pods:
    """Plays the scenario for every new pod, and stops deleted ones."""

    kinds = ("Pod", "PersistentVolumeClaim", "ResourceClaim")

    def __init__(self, scenario: Callable[[], Scenario]) -> None:
        self._scenario = scenario
        self._containers = Containers(scenario)
        self._played: set[str] = set()
        self._stopping: set[str] = set()
        self._attempts: Counter[tuple[str, str]] = Counter()
        """How many pods of one name were played."""

    def reconcile(self, world: World) -> None:
        """Give each new pod its plan, once its claims allow, and each deleted one its end."""
        for pod in world.server.list(POD):
            uid = pod["metadata"]["uid"]
            if is_deleting(pod) and uid not in self._stopping:
                self._stopping.add(uid)
                world.forget(uid)
                world.after(self._scenario().stopping, uid, partial(_stop, world, pod))
            elif not is_deleting(pod) and uid not in self._played:
                self._place(world, pod)

    def play_again(self, world: World) -> None:
        """Restart every pod that is neither ready nor over, and every container that will end."""
        for pod in world.server.list(POD):
            if is_deleting(pod) or runstates.is_over(pod):
                continue
            if runstates.completes(pod) and pod["status"].get("podIP"):
                world.forget(pod["metadata"]["uid"])
                self._containers.run(world, pod, _nothing)
            elif not podstates.is_ready(pod):
                world.forget(pod["metadata"]["uid"])
                self._place(world, pod)

    def _place(self, world: World, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        obstacle = _obstacle(world, pod)
        if obstacle:
            self._played.discard(uid)
            message = f"0/1 nodes are available: {obstacle}."
            waits = podstates.nominated if obstacle is _IN_THE_MAKING else None
            world.transition(pod, waits or podstates.unschedulable(message))
            return
        self._played.add(uid)
        self._attempts[name_of(pod)] += 1
        scenario = self._scenario()
        over = 0 < scenario.attempts < self._attempts[name_of(pod)]
        self._follow(world, pod, (scenarios.start if over else scenario.plan)(pod))

    def _follow(self, world: World, pod: Object, plan: Plan) -> None:
        """Play a plan; where containers run in it, those that end come first."""
        uid = pod["metadata"]["uid"]
        ending = runstates.completes(pod) or pod["spec"].get("initContainers")
        for number, (seconds, state) in enumerate(plan):
            if ending and state is podstates.running:
                then = partial(self._stay, world, pod, plan[number:])
                world.after(seconds, uid, partial(self._containers.run, world, pod, then))
                return
            world.after(seconds, uid, partial(world.transition, pod, state))

    def _stay(self, world: World, pod: Object, plan: Plan) -> None:
        """Play the rest of the plan of a pod that stays, from where its containers run."""
        for seconds, state in plan:
            uid = pod["metadata"]["uid"]
            world.after(seconds - plan[0][0], uid, partial(world.transition, pod, state))


def _nothing() -> None:
    return


def _stop(world: World, pod: Object) -> None:
    """End the containers of a deleted pod, and the pod."""
    uid = pod["metadata"]["uid"]
    gone = partial(world.delete, pod, MANAGER, grace=0)
    if runstates.completes(pod) and not runstates.is_over(pod) and pod["status"].get("podIP"):
        world.edit(pod, lambda copy: runstates.stopped(copy, world.now()), MANAGER)
        world.after(_GOING, uid, gone)
    else:
        gone()


def _obstacle(world: World, pod: Object) -> str | None:
    """Return why no node can take the pod: a claim that is known and not met.

    One nobody told of is taken to be met.
    """
    namespace, _ = name_of(pod)
    for volume in pod["spec"].get("volumes") or []:
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if name and world.server.exists(_VOLUME, namespace, name):
            claim = world.server.get(_VOLUME, namespace, name)
            if is_deleting(claim):
                return f'persistentvolumeclaim "{name}" is being deleted'
            if claim["status"].get("phase") != "Bound":
                if SELECTED in (claim["metadata"].get("annotations") or {}):
                    return _IN_THE_MAKING
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

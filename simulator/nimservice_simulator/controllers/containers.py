"""Containers: run those that end.

These are init containers in turn, then all containers of a pod that runs to completion.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial

from hooks.cluster.api import Object, controller_of
from nimservice_simulator.controllers import podstates, runstates
from nimservice_simulator.controllers.scenarios import Ending, Scenario, Start
from nimservice_simulator.controllers.world import World

Then = Callable[[], None]


class Containers:
    """The kubelet's part in containers that end, as the scenario says how."""

    def __init__(self, scenario: Callable[[], Scenario]) -> None:
        self._scenario = scenario
        self._failures: Counter[tuple[str, str]] = Counter()
        """How often containers ended badly, by the uid of the pod's controller and their name."""

    def run(self, world: World, pod: Object, then: Then) -> None:
        """Go on with a pod from where it is.

        ``then`` follows on its init containers if the pod does not run to completion.
        """
        live = world.pod(pod)
        if live is None:
            return
        for container in live["spec"].get("initContainers") or []:
            name = container["name"]
            if container.get("restartPolicy") == "Always":  # a sidecar: it runs beside the others
                if not runstates.is_running(live, name, init=True):
                    world.transition(live, runstates.starts(name, init=True))
            elif not runstates.is_done(live, name, init=True):
                self._start(world, pod, name, then, init=True)
                return
        world.transition(live, runstates.initialized)
        if not runstates.completes(live):
            then()
            return
        for container in live["spec"]["containers"]:
            if not runstates.is_done(live, container["name"], init=False):
                self._start(world, pod, container["name"], then, init=False)

    def _start(self, world: World, pod: Object, name: str, then: Then, *, init: bool) -> None:
        world.transition(pod, runstates.starts(name, init=init))
        live = world.pod(pod)
        if live is None:
            return
        failures = self._failures[_owner(pod), name]
        ending = self._scenario().ends(Start(live, name, init, failures, world.root(live)))
        if ending:
            end = partial(self._end, world, pod, name, ending, then, init=init)
            world.after(ending.after, pod["metadata"]["uid"], end)

    def _end(  # noqa: PLR0913 - what is known of one container
        self, world: World, pod: Object, name: str, ending: Ending, then: Then, *, init: bool
    ) -> None:
        failed = ending.exit_code != 0
        self._failures[_owner(pod), name] += failed
        restarts = failed and pod["spec"]["restartPolicy"] != "Never"
        world.transition(pod, runstates.ends(name, ending, init=init, restarts=restarts))
        live = world.pod(pod)
        if live is None:
            return
        if restarts:
            count = runstates.status_of(live, name, init=init)["restartCount"]
            again = partial(self._start, world, pod, name, then, init=init)
            world.after(podstates.pause(count), pod["metadata"]["uid"], again)
        elif init and not failed:
            self.run(world, pod, then)
        elif init or _all_done(live):
            world.transition(pod, runstates.finish)


def _all_done(pod: Object) -> bool:
    return all(
        runstates.is_done(pod, container["name"], init=False)
        for container in pod["spec"]["containers"]
    )


def _owner(pod: Object) -> str:
    owner = controller_of(pod)
    return str(owner["uid"] if owner else pod["metadata"]["uid"])

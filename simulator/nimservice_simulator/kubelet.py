"""Kubelet: the inside of a cluster, played by small controllers over virtual time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from hooks.cluster.api import Object
from nimservice_simulator.api import Event
from nimservice_simulator.apiserver.garbage import Garbage
from nimservice_simulator.apiserver.server import ApiServer
from nimservice_simulator.clock import Clock
from nimservice_simulator.controllers.autoscalers import Autoscalers
from nimservice_simulator.controllers.deployments import Deployments
from nimservice_simulator.controllers.devices import Devices
from nimservice_simulator.controllers.inferenceservices import InferenceServices
from nimservice_simulator.controllers.jobs import Jobs
from nimservice_simulator.controllers.leaderworkersets import LeaderWorkerSets
from nimservice_simulator.controllers.namespaces import Namespaces
from nimservice_simulator.controllers.network import Network
from nimservice_simulator.controllers.pods import Pods
from nimservice_simulator.controllers.replicasets import ReplicaSets
from nimservice_simulator.controllers.routes import Routes
from nimservice_simulator.controllers.scenarios import READY, Scenario
from nimservice_simulator.controllers.storage import Storage
from nimservice_simulator.controllers.world import World


class Controller(Protocol):
    """A controller of the cluster's own: it looks at some kinds and moves them a step on."""

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds whose changes concern it; none means all."""

    def reconcile(self, world: World) -> None:
        """Move everything one step on."""


class Kubelet:
    """Scheduler, kubelet and controller manager of an in-memory server."""

    def __init__(self, server: ApiServer, clock: Clock, scenario: Scenario = READY) -> None:
        self.world = World(server, clock)
        self._scenario = scenario
        self._pods = Pods(self._playing)
        self._controllers: tuple[Controller, ...] = (
            Storage(self._playing), Network(), Routes(), Autoscalers(), InferenceServices(), Deployments(), ReplicaSets(),
            Jobs(), LeaderWorkerSets(), Devices(self._playing), self._pods, Namespaces(),
        )  # fmt: skip
        self._garbage = Garbage(server)
        self._touched = {obj["kind"] for obj in server.everything()}
        server.watch_all(self._seen)
        server.admission.append(self._admits)

    def play(self, scenario: Scenario) -> None:
        """Let things go another way from now on, also for pods that are not ready yet."""
        self._scenario = scenario
        self._pods.play_again(self.world)
        self._touched |= {
            "PersistentVolumeClaim",
            "ResourceClaim",
            "ReplicaSet",
            "LeaderWorkerSet",
            "Job",
        }

    def step(self) -> bool:
        """Do all that is due now; return whether anything was."""
        done = self.world.run_due()
        while self._touched:
            done = True
            touched, self._touched = self._touched, set()
            for controller in self._controllers:
                if not controller.kinds or touched & set(controller.kinds):
                    controller.reconcile(self.world)
            self._garbage.collect()
        return done

    def next_due(self) -> datetime | None:
        """Return when something happens next, or None."""
        return self.world.next_due()

    def _seen(self, event: Event) -> None:
        self._touched.add(event.object["kind"])

    def _playing(self) -> Scenario:
        return self._scenario

    def _admits(self, new: Object, old: Object | None) -> str | None:
        return self._scenario.quota or None if new["kind"] == "Pod" and old is None else None

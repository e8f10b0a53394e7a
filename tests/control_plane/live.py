"""Live: Metacontroller's loop on a real API server, in real time."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime

from hooks.cluster.api import ApiError, Object, controller_of
from hooks.cluster.server import KubeServer
from hooks.nimservice import kinds
from hooks.preview import installation
from hooks.resources import Settings
from nimservice_simulator.clock import WallClock
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.metacontroller.transport import InProcess, Transport

_QUIET = 0.5
"""Seconds without an event or a sync after which nothing is expected any more: events of one cause follow in milliseconds."""

_USER = "nimservice-simulate"


class InTheWay(ApiError):
    """The cluster is not one to play Metacontroller on."""


class Live:
    """The loop and the API server it works on; it works only while one of these functions runs."""

    def __init__(
        self,
        server: KubeServer,
        controllers: Iterable[Object],
        transport: Transport,
        *,
        engine: Engine = "dynamic-apply",
    ) -> None:
        self.server = server
        self.loop = Metacontroller(server, controllers, transport, clock=WallClock(), engine=engine)

    def run(self, until: Callable[[], bool], seconds: float) -> bool:
        """Work until something is so, or the time is up; return whether it is so."""
        deadline = time.monotonic() + seconds
        while True:
            self.server.happened.clear()
            self.loop.run()
            if until():
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._wait(
                min(left, 0.1)
            )  # what is waited for may be anything, so it is looked at again soon

    def settle(self, seconds: float = 60, *, quiet: float = _QUIET) -> bool:
        """Work until nothing has happened for a while; return False if that does not come within the time."""
        deadline = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() - last < quiet:
            if time.monotonic() > deadline:
                return False
            self.server.happened.clear()
            if self.loop.run() or self.loop.informers.behind() or self._wait(quiet / 5):
                last = time.monotonic()
        return True

    def writes_at_rest(self, rounds: int = 3) -> Counter[tuple[str, str]]:
        """Force re-syncs of all parents and return what the loop wrote, by verb and kind; nothing, if all is well."""
        before = self.loop.api.writes()
        for _ in range(rounds):
            self.loop.resync()
            self.settle(quiet=0.2)
        return self.loop.api.writes() - before

    def put(self, obj: Object) -> None:
        """Apply an object as a user does, its status too if it has one."""
        stored = self.server.apply(
            {key: value for key, value in obj.items() if key != "status"}, manager=_USER, force=True
        )
        if obj.get("status"):
            self.server.update_status({**stored, "status": obj["status"]}, manager=_USER)

    def decided(self, names: list[str]) -> bool:
        """Tell whether NIMServices are Ready or Failed, as they are now."""
        nims = [self._nim(name) for name in names]
        current = [
            nim
            for nim in nims
            if (nim.get("status") or {}).get("observedGeneration") == nim["metadata"]["generation"]
        ]
        return len(current) == len(nims) and all(
            nim["status"]["state"] in ("Ready", "Failed") for nim in current
        )

    def family(self, name: str) -> list[Object]:
        """Return a NIMService and what it controls."""
        nim = self._nim(name)
        resources = [
            self.server.find_plural(rule.api_version, rule.plural)
            for controller in self.loop.controllers
            for rule in controller.composite.rules
        ]
        objects = [obj for resource in resources if resource for obj in self.server.list(resource)]
        return [
            nim,
            *(
                obj
                for obj in objects
                if (owner := controller_of(obj)) and owner["uid"] == nim["metadata"]["uid"]
            ),
        ]

    def _nim(self, name: str) -> Object:
        return self.server.get(kinds.NIM_SERVICE, self.server.namespace, name)

    def _wait(self, seconds: float) -> bool:
        """Wait for an event or the loop's next timer; return whether an event came."""
        due = (self.loop.next_timer() - datetime.now(UTC)).total_seconds()
        return self.server.happened.wait(max(0.0, min(seconds, due)))


@contextlib.contextmanager
def on(
    kubeconfig: str, namespace: str, settings: Settings, without: Collection[str], engine: Engine
) -> Iterator[Live]:
    """Play Metacontroller with the hooks in a namespace of a cluster, for the kinds that the cluster serves.

    There is no finalize hook: without Metacontroller nobody would take its finalizer off again.

    Raises:
        InTheWay: where NIMServices are not known, or are managed already.
    """
    with KubeServer(kubeconfig, namespace) as server:
        _check(server)
        missing = {
            kind.kind
            for kind in kinds.MANAGED
            if not server.find_plural(kind.api_version, kind.plural)
        }
        controller = installation.controller({*without, *missing})
        del controller["spec"]["hooks"]["finalize"]
        yield Live(
            server,
            [controller],
            InProcess(installation.Hooks(settings, WallClock().now)),
            engine=engine,
        )


def _check(server: KubeServer) -> None:
    if not server.find_plural(kinds.NIM_SERVICE.api_version, kinds.NIM_SERVICE.plural):
        raise InTheWay(
            "the cluster does not know NIMServices: nimservice crd | kubectl apply --server-side -f -"
        )
    composites = server.find_plural("metacontroller.k8s.io/v1alpha1", "compositecontrollers")
    for composite in server.list(composites) if composites else []:
        if composite["spec"]["parentResource"]["resource"] == kinds.NIM_SERVICE.plural:
            name = composite["metadata"]["name"]
            raise InTheWay(
                f"Metacontroller manages the NIMServices of this cluster (CompositeController {name}): two would be at odds"
            )

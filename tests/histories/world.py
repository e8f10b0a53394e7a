"""World: a cluster with the hooks in it, in which everything can go wrong that a history asks
for."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import orjson

from hooks.cluster.api import ApiError, Forbidden, KindRef, Object
from hooks.kernel.crd import admission
from hooks.nimservice import kinds
from hooks.preview import installation
from hooks.resources import Settings
from nimservice_simulator.api import Event, Watcher
from nimservice_simulator.apiserver.server import ApiServer
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.metacontroller.transport import Answer, InProcess, TransportError
from nimservice_simulator.simulation import Simulation
from tests.histories.edits import NAME, NAMESPACE

CRDS = installation.crds()
METACONTROLLER = "metacontroller"
"""Who writes in the name of the loop."""
OLDER = ("example.com/release", "example.com/made-by")
"""A label and an annotation that an older release gives all children."""
OPTIONAL = tuple(
    sorted(
        {
            component
            for kind in kinds.MANAGED
            for component in kind.components
            if component != "base"
        }
    )
)
"""The parts of an installation that can be left out."""


class Line:
    """The way to the hooks, on which they may be down, busy or of an older release; it knows the
    parent they were asked about last."""

    def __init__(self, hooks: Callable[..., Any]) -> None:
        self._hooks = InProcess(hooks)
        self.parent: Object = {}
        self.mood = "up"

    def call(self, url: str, request: Object) -> Answer:
        match self.mood:
            case "down":
                raise TransportError("http error: connection refused")
            case "broken":
                return Answer(500, {}, b'{"error":"internal error"}')
            case "busy":
                return Answer(429, {"retry-after": "1"}, b"")
        self.parent = request["parent"]
        answer = self._hooks.call(url, request)
        return _as_an_older_release(answer) if self.mood == "older" and "sync" in url else answer


def _as_an_older_release(answer: Answer) -> Answer:
    """Return an answer as a release could have given it that made the same pods and some other
    fields."""
    body = orjson.loads(answer.body)
    for child in body.get("children") or []:
        for key, mark in zip(("labels", "annotations"), OLDER, strict=True):
            child["metadata"].setdefault(key, {})[mark] = "older"
        if child["kind"] == "Deployment":
            child["spec"]["revisionHistoryLimit"] = 3
        if child["kind"] == "Service":
            child["spec"]["publishNotReadyAddresses"] = True
    body.get("status", {}).pop("modelStore", None)
    return answer._replace(body=orjson.dumps(body))


class Connection:
    """A loop's connection to the API server: news of some kinds may come late, and with its loop it
    ends."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._late: deque[tuple[Watcher, Event]] = deque()
        self.lagging: frozenset[str] = frozenset()
        self.refused: frozenset[str] = frozenset()
        """Kinds that the API server does not let the loop write for now."""
        self.open = True

    def __getattr__(self, verb: str) -> Any:
        call = getattr(self._server, verb)
        if verb == "delete":
            return partial(call, manager=METACONTROLLER)
        if verb not in ("create", "update", "apply"):
            return call

        def write(obj: Object, **options: Any) -> Object:
            if obj["kind"] in self.refused:
                raise Forbidden(f"{obj['kind']}: failed calling webhook")
            return call(obj, **options)

        return write

    def watch(self, kind: KindRef, watcher: Watcher) -> None:
        listing = True

        def tell(event: Event) -> None:
            if listing or (self.open and kind.kind not in self.lagging):
                watcher(event)
            elif self.open:
                self._late.append((watcher, event))

        self._server.watch(kind, tell)
        listing = False

    def catch_up(self) -> None:
        self.lagging = frozenset()
        while self._late:
            watcher, event = self._late.popleft()
            watcher(event)


class World:
    """One cluster, one NIMService and the hooks."""

    def __init__(
        self, *, engine: Engine, rules: bool = True, seed: int = 0, settings: Settings | None = None
    ) -> None:
        clock = VirtualClock()
        self.engine, self.rules, self._seed = engine, rules, seed
        self.line = Line(installation.Hooks(settings or Settings(), clock.now))
        self.sim = Simulation(
            (),
            controllers=installation.controllers(["NIMCache"]),
            transport=self.line,
            engine=engine,
            crds=CRDS,
            clock=clock,
            seed=seed,
        )
        self.sim.server.admission.append(self._admits)
        self.connection = Connection(self.sim.server)
        self.restart()

    def restart(self, components: Iterable[str] = OPTIONAL) -> None:
        """Start Metacontroller anew, in an installation with some components."""
        self.components = frozenset(components)
        without = [
            kind.kind
            for kind in kinds.MANAGED
            if not {"base", *self.components} & set(kind.components)
        ]
        self.connection.open = False
        self.connection = Connection(self.sim.server)
        self._managed = frozenset(kind.kind for kind in kinds.MANAGED) - frozenset(without)
        self.sim.loop = Metacontroller(
            self.connection,
            installation.controllers([*without, "NIMCache"]),
            self.line,
            clock=self.sim.clock,
            engine=self.engine,
            seed=self._seed,
        )

    def manages(self, kind: str) -> bool:
        """Tell whether the installation manages a kind."""
        return kind in self._managed

    def find(self, kind: KindRef, name: str = NAME) -> Object | None:
        """Return an object, or None."""
        return (
            self.sim.server.get(kind, NAMESPACE, name)
            if self.sim.server.exists(kind, NAMESPACE, name)
            else None
        )

    @property
    def nim(self) -> Object | None:
        """The NIMService as stored, or None."""
        return self.find(kinds.NIM_SERVICE)

    def write(self, obj: Object) -> bool:
        """Create or replace an object as a user would; tell whether the API server took it."""
        try:
            self.sim.put(obj)
        except ApiError:
            return False
        return True

    def settle(self, minutes: float = 2) -> None:
        """Let time pass until nothing has changed for some minutes."""
        self.sim.settle(patience=timedelta(minutes=minutes))

    def _admits(self, new: Object, old: Object | None) -> str | None:
        if (
            not self.rules
            or new["kind"] != kinds.NIM_SERVICE.kind
            or (old and old["spec"] == new["spec"])
        ):
            return None
        return (
            "; ".join(
                f"{problem.path}: {problem.message}" for problem in admission.problems(new, old)
            )
            or None
        )

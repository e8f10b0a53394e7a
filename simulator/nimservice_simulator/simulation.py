"""Simulation: runs API server, Metacontroller and controllers until nothing changes."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hooks.cluster.api import KindRef, Object, Resource, controller_of, name_of
from hooks.kernel.values import copied
from nimservice_simulator.api import Event
from nimservice_simulator.apiserver.definition import Definition
from nimservice_simulator.apiserver.server import USER, ApiServer
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers import eviction
from nimservice_simulator.controllers.scenarios import READY, SCENARIOS, Scenario
from nimservice_simulator.kubelet import Kubelet
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.metacontroller.parentcontroller import WarningEvent
from nimservice_simulator.metacontroller.transport import Transport


class Moment(NamedTuple):
    """One change in the life of the simulated cluster."""

    time: datetime
    type: str
    """ADDED, MODIFIED or DELETED."""
    manager: str
    """Who wrote: ``kubectl`` is the user, ``metacontroller`` the loop."""
    object: Object
    old: Object | None


class Unsettled(Exception):
    """Something still moves after all the time there was."""


class Simulation:
    """A small cluster with Metacontroller in it.

    Time is virtual and passes only while ``settle`` runs.

    Each of ``controllers`` is a CompositeController manifest. ``transport`` brings a request to the
    hook at its URL, so one transport serves them all. A child of one controller may be the parent
    of another.
    """

    def __init__(  # noqa: PLR0913 - all but the objects have a default or a name
        self,
        objects: Iterable[Object] = (),
        *,
        controllers: Iterable[Object],
        transport: Transport,
        engine: Engine = "dynamic-apply",
        crds: Iterable[Object] = (),
        scenario: Scenario | str = READY,
        clock: VirtualClock | None = None,
        seed: int = 0,
    ) -> None:
        self.clock = clock or VirtualClock()
        self.server = ApiServer(clock=self.clock, crds=crds)
        self.timeline: list[Moment] = []
        """Every change since the start, the first objects included."""
        self.server.watch_all(self._seen)
        self.kubelet = Kubelet(self.server, self.clock, _scenario(scenario))
        for obj in objects:
            self.put(obj)
        self.loop = Metacontroller(
            self.server, controllers, transport, clock=self.clock, engine=engine, seed=seed
        )

    def put(self, obj: Object, *, manager: str = USER) -> Object:
        """Create or replace an object with its status like a user, and its namespace if missing."""
        new = copied(obj)
        resource = self.server.find_kind(new["apiVersion"], new["kind"])
        if resource is None:
            # a kind that nothing here knows is kept as it is, for hooks to ignore
            self.server.kinds.serve(
                Definition(
                    (new["apiVersion"],), new["kind"], f"{new['kind'].lower()}s", typed=False
                )
            )
        if resource is None or resource.namespaced:
            new["metadata"].setdefault("namespace", "default")
            self._need_namespace(new["metadata"]["namespace"])
        meta = new["metadata"]
        if self.server.exists(_kind(new), *name_of(new)):
            live = self.server.get(_kind(new), *name_of(new))["metadata"]
            # what controllers keep there is not the user's to lose
            kept = {
                name: live[name]
                for name in ("resourceVersion", "finalizers", "ownerReferences")
                if name in live
            }
            new["metadata"] = {**kept, **meta}
            stored = self.server.update(new, manager=manager)
        else:
            stored = self.server.create(new, manager=manager)
        if "status" in new:
            stored = self.server.update_status({**stored, "status": new["status"]}, manager=manager)
        return stored

    def delete(
        self,
        kind: KindRef,
        name: str,
        namespace: str = "default",
        *,
        propagation: str = "Background",
    ) -> None:
        """Delete an object as a user would."""
        self.server.delete(kind, namespace, name, propagation=propagation, manager=USER)

    def edit(
        self, kind: KindRef, name: str, change: Callable[[Object], Any], namespace: str = "default"
    ) -> Object:
        """Change an object, by a function of a copy, as a user would."""
        return self.server.edit(kind, namespace, name, change, manager=USER)

    def scale(
        self,
        kind: KindRef,
        name: str,
        replicas: int,
        namespace: str = "default",
        *,
        manager: str = USER,
    ) -> Object:
        """Set an object's replicas as ``kubectl scale`` would.

        With another manager, it acts as an autoscaler.
        """
        return self.server.scale(kind, namespace, name, replicas, manager=manager)

    def evict(self, pod: Object) -> None:
        """Evict a pod from its node, as the eviction API does."""
        eviction.evict(self.kubelet.world, pod)

    def drain(self) -> list[Object]:
        """Evict every pod that is on the node, as ``kubectl drain`` does, and return them."""
        return eviction.drain(self.kubelet.world)

    def play(self, scenario: Scenario | str) -> None:
        """Let things go another way from now on."""
        self.kubelet.play(_scenario(scenario))

    def settle(
        self,
        *,
        patience: timedelta = timedelta(minutes=20),
        budget: timedelta = timedelta(days=1),
        syncs: int = 10_000,
    ) -> None:
        """Let time pass until nothing has changed for as long as patience lasts.

        Raise Unsettled when the budget is used up.

        Calls that a hook asked for, and retries, go on meanwhile: they end the wait only by
        changing something.
        """
        start, done = self.clock.now(), 0
        quiet_since, seen = start, len(self.timeline)
        while True:
            done += self.work()
            if len(self.timeline) > seen:
                quiet_since, seen = self.clock.now(), len(self.timeline)
            due = self._next()
            if due is None or (due - quiet_since > patience and self.kubelet.next_due() is None):
                return
            if due - start > budget or done > syncs:
                raise Unsettled(
                    f"after {self.clock.now() - start} and {done} syncs still moving: {self._movement()}"
                )
            self.clock.advance_to(due)

    def advance(self, seconds: float) -> None:
        """Let some time pass, with everything that happens in it."""
        end = self.clock.now() + timedelta(seconds=seconds)
        self.work()
        while (due := self._next()) is not None and due <= end:
            self.clock.advance_to(due)
            self.work()
        self.clock.advance_to(end)
        self.work()

    def work(self, limit: int = 1000) -> int:
        """Do all there is to do at this moment.

        Return the number of syncs, and raise Unsettled if they do not end.
        """
        done = 0
        for _ in range(limit):
            syncs = self.loop.run(limit)
            done += syncs
            moved = self.kubelet.step()
            if not syncs and not moved and self.loop.idle():
                return done
            if done >= limit:
                break
        raise Unsettled(f"{done} syncs without time passing: {self._movement()}")

    def writes_at_rest(self, rounds: int = 3) -> Counter[tuple[str, str]]:
        """Force re-syncs of all parents and return what the loop wrote, by verb and kind.

        It should be nothing.
        """
        before = self.loop.api.writes()
        for _ in range(rounds):
            self.loop.resync()
            self.work()
        return self.loop.api.writes() - before

    def get(self, kind: KindRef, name: str | None = None, namespace: str = "default") -> Object:
        """Return an object, the only one of its kind in any namespace if no name is given.

        Raise LookupError if there is none.
        """
        found = [
            obj
            for obj in self.server.list(kind)
            if name is None or name_of(obj) == (namespace, name)
        ]
        if len(found) != 1:
            raise LookupError(f"{len(found)} {kind.kind} objects match")
        return found[0]

    def parents(self) -> list[Object]:
        """Return every parent of every controller, in the order of the controllers."""
        return [
            parent
            for controller in self.loop.controllers
            for parent in self.server.list(controller.parent)
        ]

    def children(self, parent: Object) -> list[Object]:
        """Return what a parent controls, in the order of kinds and names."""
        uid = parent["metadata"]["uid"]
        owned = [
            obj
            for obj in self.server.everything()
            if (owner := controller_of(obj)) and owner["uid"] == uid
        ]
        return sorted(
            owned,
            key=lambda obj: (obj["apiVersion"].rpartition("/")[0], obj["kind"], *name_of(obj)),
        )

    @property
    def warnings(self) -> list[WarningEvent]:
        """The Warning events that the loop put on parents."""
        return self.loop.warnings

    def _seen(self, event: Event) -> None:
        self.timeline.append(
            Moment(self.clock.now(), event.type, event.manager, event.object, event.old)
        )

    def _need_namespace(self, name: str) -> None:
        if not self.server.exists(
            Resource("v1", "Namespace", "namespaces", namespaced=False), "", name
        ):
            self.server.create(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            )

    def _next(self) -> datetime | None:
        return min(
            (due for due in (self.loop.next_timer(), self.kubelet.next_due()) if due), default=None
        )

    def _movement(self) -> str:
        last = Counter(
            f"{moment.manager} {moment.type} {moment.object['kind']}/{name_of(moment.object)[1]}"
            for moment in self.timeline[-20:]
        )
        troubles = [warning.message for warning in self.warnings[-1:]]
        return "; ".join([f"{what} ×{count}" for what, count in last.most_common(5)] + troubles)


def _scenario(scenario: Scenario | str) -> Scenario:
    return SCENARIOS[scenario] if isinstance(scenario, str) else scenario


def _kind(obj: Object) -> Resource:
    return Resource(obj["apiVersion"], obj["kind"], "")

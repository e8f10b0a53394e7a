"""World: what the small controllers share: the server, the clock, and what is to happen later."""

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hooks.cluster.api import (
    ApiError,
    Conflict,
    KindRef,
    NotFound,
    Object,
    Resource,
    controller_of,
    is_deleting,
    name_of,
)
from hooks.kernel import observed
from hooks.kernel.condition import timestamp
from nimservice_simulator.apiserver.server import ApiServer
from nimservice_simulator.clock import Clock

POD = Resource("v1", "Pod", "pods")
Action = Callable[[], None]


class World:
    """One cluster's inside."""

    def __init__(self, server: ApiServer, clock: Clock) -> None:
        self.server, self.clock = server, clock
        self._later: list[tuple[datetime, int, str, Action]] = []
        self._number = count()

    def now(self) -> str:
        """Return the present moment as Kubernetes writes it."""
        return timestamp(self.clock.now())

    def after(self, seconds: float, owner: str, action: Action) -> None:
        """Let something happen later, unless ``forget`` is called for its owner before."""
        heapq.heappush(
            self._later,
            (self.clock.now() + timedelta(seconds=seconds), next(self._number), owner, action),
        )

    def forget(self, owner: str) -> None:
        """Take back what was to happen to an owner."""
        self._later = [entry for entry in self._later if entry[2] != owner]
        heapq.heapify(self._later)

    def is_pending(self, owner: str) -> bool:
        """Whether an action is scheduled for an owner."""
        return any(entry[2] == owner for entry in self._later)

    def next_due(self) -> datetime | None:
        """Return when something happens next, or None."""
        return self._later[0][0] if self._later else None

    def run_due(self) -> bool:
        """Run every action that is due; return whether there was one."""
        done = False
        while self._later and self._later[0][0] <= self.clock.now():
            _, _, _, action = heapq.heappop(self._later)
            action()
            done = True
        return done

    def edit(self, obj: Object, change: Callable[[Object], Any], manager: str) -> None:
        """Change an object that may have gone or changed meanwhile."""
        try:
            self.server.edit(kind_of(obj), *name_of(obj), change, manager=manager)
        except (NotFound, Conflict):
            return

    def pod(self, pod: Object) -> Object | None:
        """Return a pod as it is now; None if it is gone or being deleted."""
        if not self.server.exists(POD, *name_of(pod)):
            return None
        live = self.server.get(POD, *name_of(pod))
        same = live["metadata"]["uid"] == pod["metadata"]["uid"]
        return live if same and not is_deleting(live) else None

    def transition(self, pod: Object, state: Callable[[Object, str], Any]) -> None:
        """Bring a pod into a state, as the kubelet, unless it is gone or being deleted."""
        if live := self.pod(pod):
            self.edit(live, lambda copy: state(copy, self.now()), "kubelet")

    def set_status(self, obj: Object, status: Object, manager: str) -> None:
        """Write a status if it differs from the one there is."""
        if obj.get("status") != status:
            try:
                self.server.update_status({**obj, "status": status}, manager=manager)
            except (NotFound, Conflict):
                return

    def delete(self, obj: Object, manager: str, *, grace: int | None = None) -> None:
        """Delete an object that may have gone meanwhile."""
        try:
            uid = obj["metadata"]["uid"]
            self.server.delete(kind_of(obj), *name_of(obj), uid=uid, grace=grace, manager=manager)
        except (NotFound, Conflict):  # or another one has its name
            return

    def create(self, obj: Object, manager: str) -> ApiError | None:
        """Create an object and return why that was refused, if it was."""
        try:
            self.server.create(obj, manager=manager)
        except ApiError as error:
            return error
        return None

    def all(self, api_version: str, kind: str) -> list[Object]:
        """Return all objects of a kind, none if it is not served."""
        resource = self.server.find_kind(api_version, kind)
        return self.server.list(resource) if resource else []

    def root(self, obj: Object) -> Object:
        """Return the object at the top of the owners of an object, as far as they are there."""
        owner = controller_of(obj)
        if owner is None:
            return obj
        kind, namespace = Resource(owner["apiVersion"], owner["kind"], ""), name_of(obj)[0]
        if not self.server.exists(kind, namespace, owner["name"]):
            return obj
        above = self.server.get(kind, namespace, owner["name"])
        return self.root(above) if above["metadata"]["uid"] == owner["uid"] else obj

    def controlled(self, kind: KindRef, owner: Object) -> Iterator[Object]:
        """Yield the objects of a kind that an object controls."""
        for obj in self.server.list(kind, name_of(owner)[0]):
            reference = controller_of(obj)
            if reference and reference["uid"] == owner["metadata"]["uid"]:
                yield obj


def kind_of(obj: Object) -> Resource:
    """Return the kind of an object."""
    return Resource(obj["apiVersion"], obj["kind"], "")


def reference(owner: Object) -> Object:
    """Return a controller reference to an owner."""
    meta = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": meta["name"], "uid": meta["uid"],
        "controller": True, "blockOwnerDeletion": True,
    }  # fmt: skip


def condition(old: Object | None, new: Object, now: str) -> Object:
    """Return a condition with its transition time, which moves only when its status flips."""
    before = observed.condition({"status": old}, new["type"])
    since = before["lastTransitionTime"] if before.get("status") == new["status"] else now
    return {**new, "lastTransitionTime": since}


def without_zero(status: Object) -> Object:
    """Return a status without the counts that are left out when zero."""
    return {name: value for name, value in status.items() if value not in (0, None, [])}

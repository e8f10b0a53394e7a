"""Side by side: many cases at once on one stage, each a generator that yields what it waits for.

A case looks, yields a sentence while it is not so yet, and goes on. It yields an ``Action`` to have
something happen to the whole stage, which comes when every case that goes on waits for one.
"""

import time
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from hooks.cluster.api import ApiError, KindRef, Object
from hooks.kernel.observed import condition
from hooks.nimcache import kinds
from tests.control_plane.account import Account
from tests.control_plane.cluster import POD
from tests.control_plane.kubelet import CACHE, Kubelet, Play
from tests.control_plane.server import Server
from tests.control_plane.stage import Stage
from tests.nimcache.cluster import nimcache

WATCHED = (kinds.NIM_CACHE, kinds.NIM_SERVICE, kinds.JOB, kinds.PERSISTENT_VOLUME_CLAIM, POD)


class Action(Enum):
    """What happens to the whole stage, in this order."""

    RESTART = "Metacontroller is started anew"
    DOWN = "the hooks do not answer any more"
    UP = "the hooks answer again"
    LATER = "eleven minutes pass"
    LATER_STILL = "eleven minutes more pass"


Case = Callable[["Lab"], Iterator[str | Action]]


class Lab:
    """A namespace with the hooks and a node, and what is seen of it."""

    def __init__(self, stage: Stage, kubelet: Kubelet, account: Account) -> None:
        self.stage, self.cluster, self.namespace = stage, stage.cluster, stage.namespace
        self.kubelet, self.account = kubelet, account
        self.since = account.now()
        self._seen: dict[tuple[str, str], Object] = {}
        self._states: dict[str, list[str]] = {}
        self._reasons: dict[str, set[str]] = {}
        self._uids: dict[tuple[str, str], list[str]] = {}
        self._onlooker = Server(stage.cluster.plane.kubeconfig, stage.namespace)
        for kind in WATCHED:
            self._onlooker.watch(kind, self._look)

    def close(self) -> None:
        self._onlooker.close()

    def _look(self, event: Any) -> None:
        obj = event.object
        key = obj["kind"], obj["metadata"]["name"]
        uids = self._uids.setdefault(key, [])
        if event.type == "DELETED":
            self._seen.pop(key, None)
            return
        self._seen[key] = obj
        if obj["metadata"]["uid"] not in uids:
            uids.append(obj["metadata"]["uid"])
        state = (obj.get("status") or {}).get("state")
        if obj["kind"] == "NIMCache" and state:
            self._reasons.setdefault(key[1], set()).add(condition(obj, "Ready").get("reason", ""))
            states = self._states.setdefault(key[1], [])
            if not states or states[-1] != state:
                states.append(state)

    def work(self) -> None:
        """Let the node work."""
        self.kubelet.work([obj for (kind, _), obj in [*self._seen.items()] if kind == "Pod"])

    def put(self, obj: Object) -> Object:
        obj["metadata"]["namespace"] = self.namespace
        return self.cluster.put(obj)

    def cache(self, name: str, play: Play | None = None, **spec: Any) -> None:
        """Apply a NIMCache as a user does, and say how its pods go."""
        if play:
            self.kubelet.plays[name] = play
        self.put(nimcache(name=name, **spec))

    def edit(self, name: str, **spec: Any) -> None:
        self.cluster.edit(
            kinds.NIM_CACHE, self.namespace, name, lambda obj: obj["spec"].update(spec)
        )

    def delete(self, kind: KindRef, name: str, propagation: str = "Background") -> None:
        self.cluster.delete(kind, self.namespace, name, propagation=propagation)

    def patch(self, kind: KindRef, name: str, change: Object) -> None:
        path = self.cluster.path(kind, self.namespace, name)
        self.cluster.connection.request(
            "PATCH", path, change, content_type="application/merge-patch+json"
        )

    def evict(self, pod: Object) -> None:
        """Evict a pod, as ``kubectl drain`` does."""
        meta = {"name": pod["metadata"]["name"], "namespace": self.namespace}
        path = f"{self.cluster.path(POD, self.namespace, meta['name'])}/eviction"
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta}
        self.cluster.connection.request("POST", path, body)

    def seen(self, kind: KindRef, name: str) -> Object | None:
        return self._seen.get((kind.kind, name))

    def found(self, kind: KindRef, name: str) -> Object:
        obj = self.seen(kind, name)
        assert obj, f"{kind.kind} {name} is not there"
        return obj

    def status(self, name: str) -> Object:
        found: Object = (self.seen(kinds.NIM_CACHE, name) or {}).get("status") or {}
        return found

    def said(self, name: str, kind: str = "Ready") -> Object:
        """Return a condition of a NIMCache."""
        return condition(self.seen(kinds.NIM_CACHE, name) or {}, kind)

    def job(self, name: str, suffix: str = "job") -> Object | None:
        return self.seen(kinds.JOB, f"{name}-{suffix}")

    def claim(self, name: str) -> Object | None:
        return self.seen(kinds.PERSISTENT_VOLUME_CLAIM, f"{name}-pvc")

    def pods(self, name: str, role: str = "download") -> list[Object]:
        return [
            obj
            for (kind, _), obj in [*self._seen.items()]
            if kind == "Pod"
            and obj["metadata"]["labels"].get(CACHE) == name
            and obj["metadata"]["labels"].get(f"{CACHE}-role") == role
        ]

    def runs(self, name: str) -> list[list[str]]:
        """Return the commands of a NIMCache's downloads, in the order of their starts."""
        return [run.command for run in self.kubelet.runs if run.cache == name]

    def states(self, name: str) -> list[str]:
        """Return every state that a NIMCache had, in order."""
        return [*self._states.get(name, [])]

    def reasons(self, name: str) -> set[str]:
        """Return every reason that a NIMCache had of being Ready or not."""
        return {*self._reasons.get(name, ())}

    def made(self, kind: KindRef, name: str) -> int:
        """Return how many objects of a name were made in all."""
        return len(self._uids.get((kind.kind, name), []))

    def reaches(self, name: str, state: str, *reasons: str) -> Iterator[str]:
        """Wait until a NIMCache has a state, and one of some reasons."""
        while self.status(name).get("state") != state or (
            reasons and self.said(name).get("reason") not in reasons
        ):
            said = self.said(name)
            yield f"{name} is {state} {reasons}, not {self.status(name).get('state')}: {said.get('reason')}: {said.get('message')}"

    def gone(self, kind: KindRef, name: str) -> Iterator[str]:
        while self.seen(kind, name):
            yield f"{kind.kind} {name} is gone"

    def runs_for_the(self, name: str, time: int) -> Iterator[str]:
        """Wait until a download of a NIMCache runs for the first, the second … time."""
        while len(self.runs(name)) < time or self.status(name).get("state") != "InProgress":
            yield f"{name} is downloaded for time {time}, it is {self.status(name)}"

    def written(self, *names: str) -> list[str]:
        """Return what Metacontroller has written of objects, a line for each time."""
        return [
            f"{verb} {resource}/{name}"
            for verb, resource, name in self.account.wrote(self.since)
            if name in names
        ]


class _Course:
    """One case and how far it is."""

    def __init__(self, case: Case, lab: Lab) -> None:
        self._steps = case(lab)
        self.waits: str | Action = ""
        self.error: Exception | None = None
        self.over = False

    def goes_on(self) -> bool:
        return not self.over and not isinstance(self.waits, Action)

    def end(self, error: Exception | None = None) -> None:
        self.error, self.over = error, True

    def step(self) -> None:
        try:
            self.waits = next(self._steps)
        except StopIteration:
            self.end()
        except (AssertionError, ApiError, LookupError, TypeError) as error:
            self.end(error)


def run(
    lab: Lab,
    cases: dict[str, Case],
    act: Callable[[Action], None],
    *,
    seconds: float = 120,
) -> dict[str, Exception | None]:
    """Run cases side by side; return what went wrong with each, or None.

    ``seconds`` is how long all may wait without that one goes on.
    """
    courses = {name: _Course(case, lab) for name, case in cases.items()}
    while going := [course for course in courses.values() if not course.over]:
        waiting = {course.waits for course in going if isinstance(course.waits, Action)}
        if waiting and len([course for course in going if course.waits in waiting]) == len(going):
            first = min(waiting, key=[*Action].index)
            act(first)
            for course in going:
                course.waits = "" if course.waits is first else course.waits
        _work(lab, [course for course in going if not isinstance(course.waits, Action)], seconds)
    return {name: course.error for name, course in courses.items()}


def _work(lab: Lab, courses: list[_Course], seconds: float) -> None:
    """Go on with cases until each is over or waits for something to happen to the stage."""
    moved = time.monotonic()

    def turn() -> bool:
        nonlocal moved
        lab.work()
        going = [course for course in courses if course.goes_on()]
        for course in going:
            before = course.waits
            course.step()
            if course.waits != before or course.over:
                moved = time.monotonic()
        if late := time.monotonic() > moved + seconds:
            for course in going:
                course.end(AssertionError(f"not within {seconds:.0f} s: {course.waits}"))
        return late or not any(course.goes_on() for course in courses)

    lab.stage.until(turn, "every case is over", seconds=600)

"""History: a random life of one NIMService, as data: drawn from a seed, played in a world, made
shorter when it fails."""

import copy
import dataclasses
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hooks.cluster.api import Object, controller_of, name_of
from hooks.nimservice import kinds
from hooks.nimservice.kinds import WORKLOADS
from nimservice_simulator.metacontroller.children import ENGINES, Engine
from nimservice_simulator.simulation import Unsettled
from tests.histories import edits, reasons, settled
from tests.histories.edits import (
    BASES,
    BREAKS,
    CACHE_STATES,
    CACHES,
    EDITS,
    NAME,
    NAMESPACE,
    SCENARIO_NAMES,
)
from tests.histories.judge import RESTARTED, Judge, Violation
from tests.histories.step import Step
from tests.histories.world import OPTIONAL, World

STEPS = 48
"""Steps of a history before everything is repaired."""

WAITS = (None, 0, 0, 1, 1, 5, 20, 70)
"""Seconds that may pass after a step; None lets nothing happen, so that the next step comes before
any sync."""


Told = TypeVar("Told", bound=Any)
"""A history, or the life of a NIMCache: a data class with steps."""


@dataclass(frozen=True)
class History:
    """What happens to one NIMService."""

    seed: int
    engine: Engine
    base: str
    rules: bool
    """Whether the CRD carries our rules, or none, as the reference's."""
    steps: tuple[Step, ...] = field(repr=False)

    def __str__(self) -> str:
        crd = "our CRD" if self.rules else "a CRD without rules"
        lines = [
            f"history {self.seed} ({self.engine}, {self.base}, {crd}, {len(self.steps)} steps)"
        ]
        return "\n".join([*lines, *(f"  {step}" for step in self.steps)])


def draw(seed: int) -> History:
    """Return the history of a seed; both engines take turns, and so do the NIMServices to begin
    with."""
    chance = random.Random(seed)
    steps = [Step("create", (), chance.choice(WAITS))]
    actions, weights = zip(
        *((action, weight) for action, (weight, _, _) in ACTIONS.items()), strict=True
    )
    while len(steps) < STEPS:
        action = chance.choices(actions, weights)[0]
        steps.append(Step(action, ACTIONS[action][1](chance), chance.choice(WAITS)))
    base = list(BASES)[seed // 2 % len(BASES)]
    return History(seed, ENGINES[seed % 2], base, rules=chance.random() < 0.7, steps=tuple(steps))


def play(history: History) -> World:
    """Play a history, its repair included; raise Violation where something happens that must
    not."""
    player = Player(history)
    for number, step in enumerate(history.steps):
        try:
            player.do(step)
        except Unsettled as error:
            raise Violation("unsettled", f"step {number}, {step}: {error}") from error
    player.repair()
    return player.world


def shortened(history: Told, fails: Callable[[Told], bool]) -> Told:
    """Return a history or a life without the steps that it fails without, too."""
    size = len(history.steps) // 2
    while size:
        start = 0
        while start < len(history.steps):
            steps = history.steps[:start] + history.steps[start + size :]
            shorter = dataclasses.replace(history, steps=steps)
            if fails(shorter):
                history = shorter
            else:
                start += size
        size //= 2
    return history


class Player:
    """Does what the steps say; one that makes no sense at the moment does nothing."""

    def __init__(self, history: History) -> None:
        self.world = World(engine=history.engine, rules=history.rules, seed=history.seed)
        self.judge = Judge(self.world)
        self._first = edits.first(history.base)
        self._past: list[Object] = [self._first["spec"]]
        self._calm = True
        """Whether no sync may fail: nothing is down or refused, and never was since the last look
        at the warnings."""
        for name in CACHES:
            self.world.write(edits.cache(name))

    def do(self, step: Step) -> None:
        """Do a step, let its time pass and look whether a sync failed that should not have."""
        ACTIONS[step.action][2](self, *step.args)
        if step.wait == 0:
            self.world.sim.work()
        elif step.wait:
            self.world.sim.advance(step.wait)
        self._check_warnings()

    def create(self) -> None:
        if self.world.nim is None:
            self.world.write(copy.deepcopy({**self._first, "spec": self._past[-1]}))

    def delete(self) -> None:
        if self.world.nim:
            self.world.sim.delete(kinds.NIM_SERVICE, NAME, NAMESPACE)

    def edit(self, group: str, index: int) -> None:
        self._change(edits.applied(self._past[-1], EDITS[group][index]))

    def revert(self, index: int) -> None:
        self._change(self._past[index % len(self._past)])

    def break_(self, name: str) -> None:
        nim = self.world.nim
        if nim:
            self.world.write({**nim, "spec": edits.applied(nim["spec"], BREAKS[name])})

    def mend(self) -> None:
        self._change(self._past[-1])

    def cache(self, name: str, state: str) -> None:
        found = self.world.find(kinds.NIM_CACHE, name)
        if state == "gone":
            if found:
                self.world.sim.delete(kinds.NIM_CACHE, name, NAMESPACE)
            return
        self.world.write(edits.cache(name, **CACHE_STATES[state]))

    def pods(self, scenario: str) -> None:
        self.world.sim.play(scenario)

    def restart_pods(self, *, all_of_them: bool) -> None:
        pods = self.world.sim.server.list(kinds.POD, NAMESPACE)
        for pod in pods if all_of_them else pods[:1]:
            self.world.sim.server.delete(kinds.POD, *name_of(pod))

    def rollout_restart(self) -> None:
        def change(obj: Object) -> None:
            obj["spec"]["template"]["metadata"].setdefault("annotations", {})[RESTARTED] = (
                self.world.sim.clock.now().isoformat()
            )

        self._drift(kinds.DEPLOYMENT, change)

    def drift(self, what: str) -> None:
        """Somebody changes or deletes a child by hand."""
        match what:
            case "image":
                self._drift(
                    kinds.DEPLOYMENT,
                    lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(
                        image="example.com/other:1"
                    ),
                )
            case "replicas":
                if self.world.find(kinds.DEPLOYMENT):
                    self.world.sim.server.scale(
                        kinds.DEPLOYMENT, NAMESPACE, NAME, 5, manager="kubectl"
                    )
            case "labels":
                self._drift(
                    kinds.SERVICE,
                    lambda obj: obj["metadata"]["labels"].update(
                        {"app.kubernetes.io/name": "other"}
                    ),
                )
            case "selector":
                self._drift(
                    kinds.SERVICE, lambda obj: obj["spec"].update(selector={"app": "other"})
                )
            case kind:
                found = [obj for obj in self._children() if obj["kind"] == kind]
                for obj in found:
                    self.world.sim.server.delete(_kind(obj), *name_of(obj))

    def autoscale(self, count: int) -> None:
        """The autoscaler chooses a number of replicas, as long as there is one."""
        hpa = self.world.find(kinds.HORIZONTAL_POD_AUTOSCALER)
        workload = self.world.find(kinds.DEPLOYMENT)
        if hpa is None or workload is None or not workload["spec"]["replicas"]:
            return
        within = min(max(count, hpa["spec"].get("minReplicas", 1)), hpa["spec"]["maxReplicas"])
        self.world.sim.server.scale(
            kinds.DEPLOYMENT, NAMESPACE, NAME, within, manager="kube-controller-manager"
        )

    def hooks(self, mood: str) -> None:
        self.world.line.mood = mood

    def forget(self, *, all_of_it: bool) -> None:
        """The status gets lost, in part or as a whole, as by a restore from a backup or an older
        release."""
        nim = self.world.nim
        if nim:
            status = (
                {}
                if all_of_it
                else {
                    key: value
                    for key, value in (nim.get("status") or {}).items()
                    if key != "modelStore"
                }
            )
            self.world.sim.server.update_status({**nim, "status": status})

    def lag(self, lagging: tuple[str, ...]) -> None:
        """News of some kinds come late.

        Not news of workloads under server-side apply, which writes with force and without the
        resourceVersion that was read: what is held or echoed from a stale workload undoes a write
        of a moment ago there, and no hook can prevent that.
        """
        late = (
            set(lagging)
            if self.world.engine == "dynamic-apply"
            else set(lagging) - {kind.kind for kind in WORKLOADS}
        )
        self.world.connection.lagging |= late

    def catch_up(self) -> None:
        self.world.connection.catch_up()

    def restart(self, components: tuple[str, ...]) -> None:
        refused = self.world.connection.refused
        self.world.restart(components)
        self.world.connection.refused = refused

    def refuse(self, refused: tuple[str, ...]) -> None:
        self.world.connection.refused = frozenset(refused)

    def resync(self) -> None:
        self.world.sim.loop.resync()

    def settle(self) -> None:
        """Let everything come to rest, however it stands, and see that it does: at rest nothing is
        written, broken or not."""
        self._calm_down()
        self.world.settle()
        settled.check_rest(self.world)
        if settled.in_order(self.world.nim):
            self.judge.at_rest()

    def repair(self) -> None:
        """Repair everything, and see that all is as if it had just been applied."""
        self._calm_down()
        self.world.restart()
        self.world.sim.play("ready")
        for name in CACHES:
            if self.world.find(kinds.NIM_CACHE, name) is None or not _is_usable(
                self.world.find(kinds.NIM_CACHE, name)
            ):
                self.world.write(edits.cache(name))
        self._settle_and_check()
        if self.world.nim is None:
            self.create()
        else:
            self.mend()
        self._settle_and_check()
        if settled.keeps_a_former_store(self.world):
            self._change(edits.applied(self._past[-1], {"storage.sharedMemorySizeLimit": "7Gi"}))
            self._settle_and_check()
        settled.check_fresh(self.world)

    def _settle_and_check(self) -> None:
        try:
            self.world.settle()
        except Unsettled as error:
            raise Violation("unsettled", str(error)) from error
        self._check_warnings()
        settled.check_rest(self.world)

    def _calm_down(self) -> None:
        """End what is wrong outside; Metacontroller, which may wait for many minutes after
        failures, tries at once."""
        self.world.line.mood = "up"
        self.world.connection.refused = frozenset()
        self.world.connection.catch_up()
        self.world.sim.loop.resync()

    def _change(self, spec: Object) -> None:
        nim = self.world.nim
        if (
            nim
            and self.world.write({**nim, "spec": spec})
            and spec != self._past[-1]
            and not reasons.refused({**nim, "spec": spec})
        ):
            self._past.append(spec)

    def _drift(self, kind: kinds.Kind, change: Callable[[Object], Any]) -> None:
        if self.world.find(kind):
            self.world.sim.server.edit(kind, NAMESPACE, NAME, change)

    def _children(self) -> Iterator[Object]:
        return (
            obj
            for obj in self.world.sim.server.everything()
            if (owner := controller_of(obj)) and owner["kind"] == "NIMService"
        )

    def _check_warnings(self) -> None:
        """A sync that fails without a cause outside is a mistake in an answer: a child that the API
        server does not take."""
        warnings, connection = self.world.sim.warnings, self.world.connection
        # A NIMService that is gone already cannot be written.
        troubled = (
            self.world.line.mood in ("down", "broken")
            or connection.refused
            or "NIMService" in connection.lagging
        )
        if warnings and not troubled and self._calm:
            raise Violation("refused", warnings[-1].message)
        self._calm = not troubled
        warnings.clear()


def _is_usable(cache: Object | None) -> bool:
    status = (cache or {}).get("status") or {}
    return (
        status.get("state") == "Ready"
        and bool(status.get("pvc"))
        and {"one", "two"} <= {each["name"] for each in status["profiles"]}
    )


def _kind(obj: Object) -> Any:
    return next(
        kind
        for kind in kinds.MANAGED
        if (kind.api_version, kind.kind) == (obj["apiVersion"], obj["kind"])
    )


def _nothing(_: random.Random) -> tuple[()]:
    return ()


def _edit(chance: random.Random) -> tuple[str, int]:
    group = chance.choice(list(EDITS))
    return group, chance.randrange(len(EDITS[group]))


def _cache(chance: random.Random) -> tuple[str, str]:
    return chance.choices(CACHES, (3, 1))[0], chance.choice(["gone", "ready", *CACHE_STATES])


def _components(chance: random.Random) -> tuple[str, ...]:
    return (
        OPTIONAL
        if chance.random() < 0.5
        else tuple(each for each in OPTIONAL if chance.random() < 0.7)
    )


_LAGGING = (
    "Deployment",
    "NIMService",
    "NIMCache",
    "Service",
    "Pod",
    "LeaderWorkerSet",
    "Secret",
    "ConfigMap",
    "Ingress",
    "HTTPRoute",
)
_REFUSED = (
    "Deployment",
    "Service",
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "ServiceMonitor",
    "PersistentVolumeClaim",
)
_DRIFTS = (
    "image",
    "replicas",
    "labels",
    "selector",
    "Service",
    "Deployment",
    "HTTPRoute",
    "ConfigMap",
    "HorizontalPodAutoscaler",
)


def _some(kinds_: tuple[str, ...]) -> Callable[[random.Random], tuple[tuple[str, ...]]]:
    return lambda chance: (tuple(sorted(chance.sample(kinds_, chance.randint(1, 3)))),)


ACTIONS: dict[str, tuple[int, Callable[[random.Random], tuple[Any, ...]], Callable[..., None]]] = {
    "create": (2, _nothing, Player.create),
    "delete": (1, _nothing, Player.delete),
    "edit": (40, _edit, Player.edit),
    "revert": (4, lambda chance: (chance.randrange(100),), Player.revert),
    "break": (5, lambda chance: (chance.choice(list(BREAKS)),), Player.break_),
    "mend": (5, _nothing, Player.mend),
    "cache": (8, _cache, Player.cache),
    "pods": (4, lambda chance: (chance.choice(["ready", *SCENARIO_NAMES]),), Player.pods),
    "restart pods": (
        2,
        lambda chance: (chance.random() < 0.5,),
        lambda player, everyone: player.restart_pods(all_of_them=everyone),
    ),
    "rollout restart": (1, _nothing, Player.rollout_restart),
    "drift": (3, lambda chance: (chance.choice(_DRIFTS),), Player.drift),
    "autoscale": (4, lambda chance: (chance.randint(1, 4),), Player.autoscale),
    "hooks": (
        5,
        lambda chance: (chance.choice(["down", "broken", "busy", "older", "up", "up", "up"]),),
        Player.hooks,
    ),
    "forget": (
        2,
        lambda chance: (chance.random() < 0.4,),
        lambda player, everything: player.forget(all_of_it=everything),
    ),
    "lag": (4, _some(_LAGGING), Player.lag),
    "catch up": (5, _nothing, Player.catch_up),
    "restart": (3, lambda chance: (_components(chance),), Player.restart),
    "refuse": (2, _some(_REFUSED), Player.refuse),
    "take": (2, lambda _: ((),), Player.refuse),
    "resync": (4, _nothing, Player.resync),
    "settle": (3, _nothing, Player.settle),
}
"""What can happen: how often, with which arguments, and how."""

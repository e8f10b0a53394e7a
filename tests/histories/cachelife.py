"""Cache life: a random life of one NIMCache, as data, and what must never happen in it."""

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hooks.cluster.api import ApiError, Conflict, NotFound, Object, is_deleting
from hooks.kernel.crd import admission
from hooks.kernel.observed import condition, labels
from hooks.nimcache import kinds
from hooks.preview import installation
from hooks.resources import Settings
from nimservice_simulator.api import Event
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers import eviction
from nimservice_simulator.controllers.scenarios import READY, Ending, Start
from nimservice_simulator.metacontroller.children import ENGINES, Engine
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.simulation import Simulation, Unsettled
from tests.histories.judge import Violation
from tests.histories.step import Step
from tests.histories.world import CRDS, Connection, Line
from tests.nimcache import cluster
from tests.nimcache.cluster import NAME, NAMESPACE

STEPS = 40
WAITS = (None, 0, 0, 1, 5, 20, 70, 300)
SETTINGS = Settings(gpu_products="NVIDIA-H100-80GB-HBM3")

BASES: dict[str, Callable[[], Object]] = {
    "filters": cluster.nimcache,
    "names": lambda: cluster.nimcache(**cluster.ngc(model={"profiles": ["all"]})),
    "a hub": lambda: cluster.nimcache(source={"hf": cluster.HUB}),
    "an endpoint": lambda: cluster.nimcache(**cluster.ngc(modelEndpoint="ngc://x:1")),
}

EDITS: tuple[Callable[[Object], Any], ...] = (
    lambda spec: spec.update(env=[{"name": "A", "value": "1"}]),
    lambda spec: spec.pop("env", None),
    lambda spec: spec.update(nodeSelector={}),
    lambda spec: spec.update(nodeSelector={"zone": "a"}),
    lambda spec: spec.update(resources={"cpu": "1", "memory": "4Gi"}),
    lambda spec: spec.update(tolerations=[{"key": "gpu", "operator": "Exists"}]),
    lambda spec: spec.update(userID=1500, groupID=1500),
    lambda spec: spec.update(proxy={"httpsProxy": "http://proxy:3128"}),
    lambda spec: spec["storage"]["pvc"].update(size="100Gi"),
    lambda spec: spec["storage"]["pvc"].update(size="10Gi"),
    lambda spec: next(iter(spec["source"].values())).update(authSecret="another"),
    lambda spec: next(iter(spec["source"].values())).update(modelPuller="another:1"),
    lambda spec: spec.update(initContainers=[{"name": "a", "image": {"repository": "b", "tag": "1"}}]),
)  # fmt: skip
"""What a user may change, and what the definition refuses."""

DOWNLOADS: dict[str, Ending | None] = {
    "works": Ending(after=30),
    "fails": Ending(1, "401 Unauthorized", 10),
    "full": Ending(1, "No space left on device", 20),
    "hangs": None,
}


@dataclass(frozen=True)
class Life:
    """What happens to one NIMCache."""

    seed: int
    engine: Engine
    base: str
    steps: tuple[Step, ...] = field(repr=False)

    def __str__(self) -> str:
        head = (
            f"life {self.seed} of a NIMCache ({self.engine}, {self.base}, {len(self.steps)} steps)"
        )
        return "\n".join([head, *(f"  {step}" for step in self.steps)])


def draw(seed: int) -> Life:
    """Return the life of a seed; both engines take turns, and so do the NIMCaches."""
    chance = random.Random(seed)
    names, weights = zip(*((name, weight) for name, (weight, _, _) in ACTIONS.items()), strict=True)
    drawn = chance.choices(names, weights, k=STEPS)
    steps = [Step(name, ACTIONS[name][1](chance), chance.choice(WAITS)) for name in drawn]
    base = list(BASES)[seed // 2 % len(BASES)]
    return Life(seed, ENGINES[seed % 2], base, tuple(steps))


def play(life: Life) -> "World":
    """Play a life, its repair included; raise Violation where something happens that must not."""
    world = World(life)
    for number, step in enumerate(life.steps):
        try:
            ACTIONS[step.action][2](world, *step.args)
            if step.wait is not None:
                world.sim.advance(step.wait)
        except Unsettled as error:
            raise Violation("unsettled", f"step {number}, {step}: {error}") from error
        except Violation as violation:
            raise Violation(violation.rule, f"step {number}, {step}: {violation}") from violation
    world.repair()
    return world


class World:
    """One cluster, one NIMCache and the hooks."""

    def __init__(self, life: Life) -> None:
        clock = VirtualClock()
        self.engine, self.base = life.engine, BASES[life.base]()
        self.download, self.line = "works", Line(installation.Hooks(SETTINGS, clock.now))
        image = cluster.image(None if life.base == "a hub" else "", self._ends)
        self.scenario = replace(READY, ends=image, stopping=15)
        self.sim = Simulation(
            (),
            controllers=installation.controllers(),
            transport=self.line,
            engine=life.engine,
            crds=CRDS,
            scenario=self.scenario,
            clock=clock,
            seed=life.seed,
        )
        self.sim.server.admission.append(_admits)
        self._seed, self._excused, self._remembers = life.seed, False, True
        self._filled: str = ""
        self.restart()
        self.sim.put(copy.deepcopy(self.base))
        self.sim.server.watch_all(self._see)

    def restart(self) -> None:
        """Start Metacontroller anew."""
        if hasattr(self, "connection"):
            self.connection.open = False
        self.connection = Connection(self.sim.server)
        self.sim.loop = Metacontroller(
            self.connection,
            installation.controllers(),
            self.line,
            clock=self.sim.clock,
            engine=self.engine,
            seed=self._seed,
        )

    @property
    def cache(self) -> Object | None:
        """The NIMCache as stored, or None."""
        return self._find(kinds.NIM_CACHE, NAME)

    def edit(self, index: int) -> None:
        """Change the spec as a user would, who may be refused."""
        if self.cache:
            try:
                self.sim.edit(
                    kinds.NIM_CACHE, NAME, lambda each: EDITS[index](each["spec"]), NAMESPACE
                )
            except ApiError:
                return

    def downloads(self, how: str) -> None:
        """Let downloads end another way from now on."""
        self.download = how
        self.sim.play(self.scenario)

    def delete_job(self, suffix: str) -> None:
        """Delete a Job by hand."""
        if "NIMCache" in self.connection.lagging:
            # Metacontroller has not seen the status yet, and its only other copy, the Job, is gone.
            # No hook can know that the claim holds the model: one verifying run follows, as after a
            # restored backup.
            self._remembers = False
        self._delete(kinds.JOB, f"{NAME}-{suffix}")

    def delete_pods(self) -> None:
        """Delete the pods of the NIMCache."""
        for pod in self.sim.server.list(kinds.POD, NAMESPACE):
            self._delete(kinds.POD, pod["metadata"]["name"])

    def drain(self) -> None:
        """Drain the node."""
        eviction.drain(self.sim.kubelet.world)

    def lose_claim(self) -> None:
        """Delete the claim with the model."""
        self._excused = True
        self._delete(kinds.PERSISTENT_VOLUME_CLAIM, f"{NAME}-pvc")
        self._excused = False

    def volume(self, phase: str) -> None:
        """Let the claim lose its volume, or get it back."""
        claim = self._find(kinds.PERSISTENT_VOLUME_CLAIM, f"{NAME}-pvc")
        if claim and not is_deleting(claim) and (claim.get("status") or {}).get("phase"):
            status = {**claim["status"], "phase": phase}
            self.sim.server.update_status({**claim, "status": status}, manager="controller")

    def forget(self) -> None:
        """Empty the status, as a restored backup has it."""
        if cache := self.cache:
            self._remembers = False
            self.sim.server.update_status({**cache, "status": {}}, manager="kubectl")

    def create_again(self) -> None:
        """Delete the NIMCache, or create it where it is gone."""
        if self.cache:
            self._delete(kinds.NIM_CACHE, NAME)
        else:
            self._filled = ""
            self.sim.put(copy.deepcopy(self.base))

    def mood(self, mood: str) -> None:
        """Let the hooks be up, down, busy or broken."""
        self.line.mood = mood

    def lag(self, lagging: tuple[str, ...]) -> None:
        """Let news of some kinds come late."""
        self.connection.catch_up()
        self.connection.lagging = frozenset(lagging)

    def repair(self) -> None:
        """Let everything be well, and hold what it came to against a fresh apply."""
        self.line.mood = "up"
        self.connection.catch_up()
        self.volume("Bound")
        self.downloads("works")
        if self.cache is None or is_deleting(self.cache):
            self.settle()
        if self.cache is None:
            self._filled = ""
            self.sim.put(copy.deepcopy(self.base))
        self.settle()
        self._check_rest()
        self._check_fresh()

    def settle(self) -> None:
        """Let time pass until nothing has changed for long."""
        try:
            self.sim.settle(patience=timedelta(minutes=21))
        except Unsettled as error:
            raise Violation("unsettled", str(error)) from error

    def _check_rest(self) -> None:
        cache = self.cache or {}
        if (cache.get("status") or {}).get("state") != "Ready":
            raise Violation("ready", f"{condition(cache, 'Ready')}")
        if written := self.sim.writes_at_rest():
            raise Violation("rest", f"{dict(written)}")

    def _check_fresh(self) -> None:
        cache = self.cache or {}
        found = self.sim.server.list(kinds.JOB, NAMESPACE)
        if found:
            raise Violation("fresh", f"{len(found)} Jobs are left")
        fresh = World(Life(self._seed, self.engine, self._base_name, ()))
        fresh.sim.edit(
            kinds.NIM_CACHE, NAME, lambda each: each.update(spec=cache["spec"]), NAMESPACE
        )
        fresh.settle()
        theirs, ours = _said(fresh.cache or {}), _said(cache)
        if theirs != ours:
            raise Violation("fresh", f"{ours} instead of {theirs}")
        sizes = [world._size() for world in (self, fresh)]
        if sizes[0] != sizes[1]:
            raise Violation("fresh", f"a claim of {sizes[0]} instead of {sizes[1]}")

    @property
    def _base_name(self) -> str:
        return next(name for name, made in BASES.items() if made() == self.base)

    def _size(self) -> Any:
        claim = self._find(kinds.PERSISTENT_VOLUME_CLAIM, f"{NAME}-pvc") or {}
        return claim["spec"]["resources"]["requests"]["storage"]

    def _ends(self, _: Start) -> Ending | None:
        return DOWNLOADS[self.download]

    def _find(self, kind: Any, name: str) -> Object | None:
        there = self.sim.server.exists(kind, NAMESPACE, name)
        return self.sim.server.get(kind, NAMESPACE, name) if there else None

    def _delete(self, kind: Any, name: str) -> None:
        try:
            self.sim.delete(kind, name, NAMESPACE)
        except (NotFound, Conflict):
            return

    def _see(self, event: Event) -> None:
        obj = event.object
        if obj["kind"] == "Pod":
            self._check_pods()
        if obj["kind"] == "PersistentVolumeClaim":
            self._check_claim(event)
        if obj["kind"] == "NIMCache":
            status = obj.get("status") or {}
            if status.get("state") == "Ready":
                self._filled, self._remembers = status.get("claimUID", ""), True
        if (
            obj["kind"] == "Job"
            and event.type == "ADDED"
            and obj["metadata"]["name"] == f"{NAME}-job"
        ):
            self._check_download()

    def _check_pods(self) -> None:
        live = [
            pod["metadata"]["name"]
            for pod in self.sim.server.list(kinds.POD, NAMESPACE)
            if labels(pod).get("apps.nvidia.com/nimcache-role") == "download"
            and pod["spec"].get("nodeName")
            and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        ]
        if len(live) > 1:
            raise Violation("two downloads", ", ".join(live))

    def _check_claim(self, event: Event) -> None:
        goes = event.type == "DELETED" or is_deleting(event.object)
        was = event.old is not None and is_deleting(event.old)
        cache = self.cache
        if goes and not was and not self._excused and cache and not is_deleting(cache):
            raise Violation("a lost claim", event.manager)

    def _check_download(self) -> None:
        claim = self._find(kinds.PERSISTENT_VOLUME_CLAIM, f"{NAME}-pvc")
        if claim is None or is_deleting(claim) or not self._remembers:
            return
        if self._filled == claim["metadata"]["uid"]:
            raise Violation("a second download", "the claim holds the model already")


def _admits(new: Object, old: Object | None) -> str | None:
    if new["kind"] != kinds.NIM_CACHE.kind or (old and old["spec"] == new["spec"]):
        return None
    problems = admission.problems(new, old)
    return "; ".join(f"{each.path}: {each.message}" for each in problems) or None


def _said(cache: Object) -> Object:
    status = cache.get("status") or {}
    return {
        **{key: status.get(key) for key in ("state", "type", "pvc", "inputs", "profiles")},
        "conditions": sorted(
            (each["type"], each["status"], each["reason"], each["message"])
            for each in status.get("conditions") or []
        ),
    }


def _nothing(_: random.Random) -> tuple[()]:
    return ()


def _lagging(chance: random.Random) -> tuple[tuple[str, ...]]:
    known = ("NIMCache", "Job", "PersistentVolumeClaim")
    return (tuple(sorted(chance.sample(known, chance.randint(1, 2)))),)


ACTIONS: dict[str, tuple[int, Callable[[random.Random], tuple[Any, ...]], Callable[..., None]]] = {
    "edit": (20, lambda chance: (chance.randrange(len(EDITS)),), World.edit),
    "downloads": (12, lambda chance: (chance.choice([*DOWNLOADS, "works"]),), World.downloads),
    "delete job": (6, lambda chance: (chance.choice(["job", "probe"]),), World.delete_job),
    "delete pods": (4, _nothing, World.delete_pods),
    "drain": (5, _nothing, World.drain),
    "lose claim": (3, _nothing, World.lose_claim),
    "volume": (3, lambda chance: (chance.choice(["Lost", "Lost", "Bound"]),), World.volume),
    "forget": (2, _nothing, World.forget),
    "create again": (3, _nothing, World.create_again),
    "hooks": (
        6,
        lambda chance: (chance.choice(["down", "broken", "busy", "up", "up", "up"]),),
        World.mood,
    ),
    "lag": (4, _lagging, World.lag),
    "catch up": (5, _nothing, lambda world: world.connection.catch_up()),
    "restart": (3, _nothing, World.restart),
    "resync": (4, _nothing, lambda world: world.sim.loop.resync()),
    "wait": (6, _nothing, lambda world: world.sim.advance(700)),
}
"""What can happen: how often, with which arguments, and how."""

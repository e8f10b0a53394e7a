"""Stage: who plays Metacontroller: the stand-in's loop in this process, or the real program; the
tests cannot tell them apart."""

import re
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from hooks.cluster.api import NotFound, Object, Resource
from hooks.nimcache.kinds import NIM_CACHE
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds
from hooks.preview import installation
from hooks.resources import Settings
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.transport import InProcess
from tests.control_plane.cluster import Cluster
from tests.control_plane.door import Door, HttpDoor
from tests.control_plane.live import Live
from tests.control_plane.programs import HOST, Program
from tests.control_plane.server import Server

COMPOSITE_CONTROLLER = Resource(
    "metacontroller.k8s.io/v1alpha1",
    "CompositeController",
    "compositecontrollers",
    namespaced=False,
)
UNSCHEDULED = "NotScheduled"
"""Reason of pods that no scheduler has looked at for a minute: there is none here."""

_PAUSE = 0.3
"""Seconds without an event after which the stand-in's loop is taken to be done; what it does itself
takes no waiting."""

_QUIET = 1.0
"""Seconds without an event after which the real program is taken to be done."""


_PATIENCE = 180.0
"""Seconds after which what still moves is taken to move for ever. Many NIMServices on a busy
machine need more than a minute."""


class Stage(Protocol):
    """Metacontroller with our hooks, at work in one namespace."""

    engine: Engine
    real: bool
    """Whether this is the real program."""
    cluster: Cluster
    namespace: str

    def until(self, look: Callable[[], Any], what: str, *, seconds: float = ...) -> Any:
        """Let it work until something is so, and return what was seen."""

    def settle(self) -> None:
        """Let it work until nothing happens any more."""

    def resync(self, rounds: int = ...) -> None:
        """Have it sync every NIMService that often, whatever changed."""

    def restart(self) -> None:
        """Have it start anew, without memory."""

    def trouble(self, kind: str = "") -> None:
        """Have trouble on the way to the hooks from now on, or none any more."""

    def manage(self, composite: Object | None = None) -> None:
        """Have it work by another CompositeController, or by its own again."""

    def close(self) -> None:
        """End it."""


_PASSES = 4
"""Times that a write at rest must be seen again to be believed."""

_WORD = 25.0
"""Seconds between two of them. Within a minute, a status says what comes with time alone: that
nothing schedules a pod, or that a controller does not report."""


def writes_at_rest(stage: Stage, rounds: int = 3) -> Counter[tuple[str, str]]:
    """Force re-syncs and return what the API server counted as written by Metacontroller meanwhile;
    nothing, if all is well.

    The cluster's own controllers may still move, its autoscaler every 15 s, and then there is
    something to write. A status of its may also be counted in one pass, and what follows from it in
    the next. So only what is written in every pass is believed: a difference that never settles is.
    """
    written = _written(stage, rounds)
    for _ in range(_PASSES - 1):
        if not written:
            break
        time.sleep(_WORD)
        written &= _written(stage, rounds)
    return written


def _written(stage: Stage, rounds: int) -> Counter[tuple[str, str]]:
    """Count the writes of some re-syncs, without the statuses of children, which belong to other
    controllers.

    What the status of an autoscaler says may be worth a word in that of its NIMService, so for each
    of the former one of the latter is none at rest. Under server-side apply each makes
    Metacontroller apply the autoscaler anew, too, since it tells changes of an object without a
    generation by its resourceVersion.
    """
    before = stage.cluster.writes()
    stage.resync(rounds)
    counts = stage.cluster.writes() - before
    autoscalers, ours = kinds.HORIZONTAL_POD_AUTOSCALER.plural, f"{kinds.NIM_SERVICE.plural}/status"
    moved = counts["update", f"{autoscalers}/status"]
    counts["update", ours] -= moved
    if stage.engine == "server-side-apply":
        counts["apply", autoscalers] -= moved
    parents = (ours, f"{NIM_PIPELINE.plural}/status", f"{NIM_CACHE.plural}/status")
    return Counter(
        {
            key: count
            for key, count in counts.items()
            if count > 0 and ("/" not in key[1] or key[1] in parents)
        }
    )


class StandIn:
    """The stand-in's loop, which works only while it is waited for."""

    real = False

    def __init__(
        self,
        cluster: Cluster,
        namespace: str,
        controllers: Mapping[str, Object],
        engine: Engine,
        kubeconfig: Path,
    ) -> None:
        self.cluster, self.namespace, self.engine = cluster, namespace, engine
        self._controllers, self._composites = dict(controllers), dict(controllers)
        self._kubeconfig = kubeconfig
        self._later = timedelta()
        settings = Settings(model_lookup=False, gpu_discovery=True)
        self._door = Door(installation.Hooks(settings, lambda: datetime.now(UTC) + self._later))
        self._start()

    def _start(self) -> None:
        self._server = Server(self._kubeconfig, self.namespace)
        manifests = self._composites.values()
        self.live = Live(self._server, manifests, InProcess(self._door), engine=self.engine)

    def until(self, look: Callable[[], Any], what: str, *, seconds: float = 20) -> Any:
        seen: list[Any] = []
        met = self.live.run(lambda: bool(seen.append(look()) or seen[-1]), seconds)
        assert met, f"not within {seconds:.0f} s: {what}; {self._troubles()}"
        return seen[-1]

    def settle(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not (self.live.settle(_PATIENCE, quiet=_PAUSE) and self._has_seen_all()):
            assert time.monotonic() < deadline, (
                f"still moving after {_PATIENCE:.0f} s; {self._troubles()}"
            )

    def _has_seen_all(self) -> bool:
        """Whether the loop knows everything as it is: on a busy machine an event may take longer
        than a pause."""
        informers = self.live.loop.informers
        watched = [
            each
            for controller in self.live.loop.controllers
            for composite in [controller.composite]
            for each in (
                (composite.api_version, composite.plural),
                *((rule.api_version, rule.plural) for rule in composite.rules),
            )
        ]
        served = [resource for each in watched if (resource := self.cluster.find_plural(*each))]
        return all(
            _versions(self.cluster.list(resource, self.namespace))
            == _versions(informers.list(resource, self.namespace))
            for resource in served
        )

    def resync(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.live.loop.resync()
            self.settle()

    def restart(self) -> None:
        self._server.close()
        self._start()

    def pass_time(self, passed: timedelta) -> None:
        """Let the hooks' clock be that much later, and sync all."""
        self._later += passed
        self.live.loop.resync()

    def trouble(self, kind: str = "") -> None:
        self._door.trouble = kind

    def manage(self, composite: Object | None = None) -> None:
        changed = {composite["metadata"]["name"]: composite} if composite else {}
        self._composites = self._controllers | changed
        self.restart()

    def close(self) -> None:
        self._server.close()

    def _troubles(self) -> str:
        return (
            "; ".join(dict.fromkeys(warning.message for warning in self.live.loop.warnings[-20:]))
            or "no warnings"
        )


class Metacontroller:
    """The real program and a real hook server, at work on the whole cluster."""

    def __init__(  # noqa: PLR0917
        self,
        binary: Path,
        cluster: Cluster,
        controllers: Mapping[str, Object],
        engine: Engine,
        logs: Path,
        kubeconfig: Path,
    ) -> None:
        self._binary, self._cluster, self.engine, self._logs, self._kubeconfig = (
            binary,
            cluster,
            engine,
            logs,
            kubeconfig,
        )
        settings = {"NIM_HOOKS_MODEL_LOOKUP": "false", "NIM_HOOKS_GPU_DISCOVERY": "true"}
        nimservice = Path(sys.executable).with_name("nimservice")
        self._hooks = Program(
            logs / f"hooks-{engine}.log",
            nimservice,
            "serve",
            f"--bind={HOST}:0",
            "--workers=1",
            "--threads=8",
            environ=settings,
        )
        address = cluster.until(
            lambda: re.search(r'"address":"([^"]+)"', self._hooks.log.read_text()),
            "the hook server listens",
        )
        self.address = address[1]
        self.door = HttpDoor(self.address)
        self._controllers = {
            name: _at(self.door.address, each) for name, each in controllers.items()
        }
        self.names = frozenset(self._controllers)
        for each in self._controllers.values():
            cluster.put(each)
        self._program = self._start()

    def _start(self) -> Program:
        return Program(
            self._logs / f"metacontroller-{self.engine}.log",
            self._binary,
            f"--kubeconfig={self._kubeconfig}",
            f"--apply-strategy={self.engine}",
            "--client-go-qps=500",
            "--client-go-burst=500",
            "--workers=10",
            "--discovery-interval=1s",
            f"--metrics-address={HOST}:0",
            f"--health-probe-bind-address={HOST}:0",
            "--zap-log-level=4",
        )

    def syncs(self) -> int:
        """Return how many syncs the hook server has answered."""
        with urllib.request.urlopen(f"{self.address}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        return sum(
            int(float(count))
            for count in re.findall(
                r'nimservice_hooks_requests_total\{hook="sync",resource="nimservice",status="200"\} (\S+)',
                text,
            )
        )

    def resync_every(self, seconds: int | None) -> None:
        """Start the controllers anew, with or without periodic re-syncs; either way they sync every
        parent once."""
        for each in self._controllers.values():
            controller = deepcopy(each)
            if seconds:
                controller["spec"]["resyncPeriodSeconds"] = seconds
            self._cluster.put(controller)

    def manage(self, composite: Object | None) -> None:
        """Put another CompositeController in the place of the one there is, or that one back."""
        name = composite["metadata"]["name"] if composite else "nimservice"
        changed = _at(self.door.address, composite) if composite else self._controllers[name]
        self._cluster.put(changed)

    def unmanage(self, name: str) -> None:
        """Take a CompositeController away that was added by ``manage``."""
        self._cluster.delete(COMPOSITE_CONTROLLER, "", name)

    def restart(self) -> None:
        self._program.stop(patience=5)
        self._program = self._start()

    def close(self) -> None:
        self._program.stop(patience=5)
        self._hooks.stop(patience=5)
        self.door.close()
        for name in self._controllers:
            self._cluster.delete(COMPOSITE_CONTROLLER, "", name)


class OnMetacontroller:
    """One namespace in which the real program works."""

    real = True

    def __init__(self, cluster: Cluster, namespace: str, program: Metacontroller) -> None:
        self.cluster, self.namespace, self.engine = cluster, namespace, program.engine
        self._program, self._added = program, ""
        self._onlooker = Server(cluster.plane.kubeconfig, namespace)
        for kind in (*kinds.MANAGED, kinds.NIM_SERVICE, kinds.POD):
            if cluster.served(kind):
                self._onlooker.watch(kind, lambda _: None)

    def until(self, look: Callable[[], Any], what: str, *, seconds: float = 20) -> Any:
        return self.cluster.until(look, what, seconds=seconds)

    def settle(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        self.until(
            self._all_seen, "every NIMService has a status of its generation", seconds=_PATIENCE
        )
        while True:
            self._onlooker.happened.clear()
            if not self._onlooker.happened.wait(_QUIET):
                return
            assert time.monotonic() < deadline, f"still moving after {_PATIENCE:.0f} s"

    def resync(self, rounds: int = 1) -> None:
        parents = len(self.cluster.list(kinds.NIM_SERVICE))
        before = self._program.syncs()
        self._program.resync_every(1)
        self.until(
            lambda: self._program.syncs() >= before + rounds * parents,
            f"{rounds} syncs of {parents} NIMServices",
            seconds=_PATIENCE,
        )
        self._program.resync_every(None)
        self.settle()

    def restart(self) -> None:
        self._program.restart()

    def trouble(self, kind: str = "") -> None:
        self._program.door.trouble = kind

    def manage(self, composite: Object | None = None) -> None:
        self._program.manage(composite)
        if composite and composite["metadata"]["name"] not in self._program.names:
            self._added = composite["metadata"]["name"]

    def close(self) -> None:
        """Delete the NIMServices as a user would, and those that remain by force: the next test
        must not meet them."""
        self.trouble()
        if self._added:
            self._program.unmanage(self._added)
        for nim in self._nims():
            self.cluster.delete(kinds.NIM_SERVICE, self.namespace, nim["metadata"]["name"])
        deadline = time.monotonic() + 20
        while (left := self._nims()) and time.monotonic() < deadline:
            time.sleep(0.1)
        for nim in left:
            with suppress(NotFound):
                self.cluster.edit(
                    kinds.NIM_SERVICE,
                    self.namespace,
                    nim["metadata"]["name"],
                    lambda obj: obj["metadata"].pop("finalizers", None),
                )
        self._onlooker.close()

    def _nims(self) -> list[Object]:
        return self.cluster.list(kinds.NIM_SERVICE, self.namespace)

    def _all_seen(self) -> bool:
        return all(
            (nim.get("status") or {}).get("observedGeneration") == nim["metadata"]["generation"]
            for nim in self._nims()
        )


def _versions(objects: list[Object]) -> dict[str, str]:
    return {obj["metadata"]["uid"]: obj["metadata"]["resourceVersion"] for obj in objects}


def _at(address: str, controller: Object) -> Object:
    """Return the controller with its hooks at an address, all else as it is."""
    changed = deepcopy(controller)
    for hook in changed["spec"]["hooks"].values():
        webhook = hook["webhook"]
        webhook["url"] = address + webhook.pop("path")
        webhook.pop("service")
    return changed

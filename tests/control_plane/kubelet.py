"""Kubelet: a stand-in node. It runs the probe of a NIMCache for real, in a shell of this machine,
and plays a download and the pods of NIMServices as a test says."""

import functools
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hooks.cluster.api import Conflict, NotFound, Object
from hooks.kernel.condition import timestamp
from hooks.nimcache.report.script import LONGEST, PATHS
from nimservice_simulator.controllers.scenarios import Ending
from tests.control_plane.cluster import POD, Cluster
from tests.control_plane.wallclock import WallClock
from tests.nimcache import manifests, probing

NODE = "h100"
CACHE, ROLE = "apps.nvidia.com/nimcache", "apps.nvidia.com/nimcache-role"
_OF_ALL = 12288
"""Bytes for the termination messages of a pod, which its containers share evenly."""
_KILLED = Ending(137)


@dataclass(frozen=True)
class Image:
    """What is in a NIM's image."""

    manifest: str | None = field(default_factory=lambda: manifests.mapped(12))
    path: str = PATHS[0]
    shell: str = "dash"
    awk: str | None = "mawk"
    tools: tuple[str, ...] = probing.TOOLS
    sidecars: int = 0
    """How many containers something injects into its pods."""


@dataclass
class Play:
    """How the pods of one NIMCache go."""

    image: Image = field(default_factory=Image)
    download: Callable[[int], Ending] = lambda _: Ending(after=0.2)
    """How a download ends, by how many of this NIMCache's pods failed before."""
    stands: dict[str, Object] = field(default_factory=dict)
    """The status in which pods of a role stay."""
    stops_in: float = 0
    """Seconds that a pod takes to end when it is deleted."""


@dataclass
class Run:
    """One run of a download, in seconds of the machine's clock."""

    cache: str
    claim: str
    command: list[str]
    began: float
    ended: float | None = None


class Kubelet:
    """The node of one namespace; it works while ``work`` is called."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster, self._folder = cluster, folder
        self.plays: dict[str, Play] = {}
        """By the name of a NIMCache."""
        self.runs: list[Run] = []
        """Every download, in the order of their starts."""
        self._running: dict[str, tuple[Run, Ending]] = {}
        self._going: dict[str, float] = {}
        self._failed: dict[str, int] = {}

    def work(self, pods: list[Object]) -> None:
        """Move each pod one step on."""
        for pod in pods:
            with suppress(NotFound, Conflict):  # it has moved: the next look finds it as it is
                self._step(pod)

    def finish(self, cache: str) -> None:
        """Let the download of a NIMCache that runs end well now."""
        for uid, (run, _) in self._running.items():
            if run.cache == cache and run.ended is None:
                self._running[uid] = run, Ending(after=0)

    def most_at_once(self, *caches: str) -> int:
        """Return how many downloads of NIMCaches ran at one time, at most."""
        ours = [run for run in self.runs if run.cache in caches]
        return max(
            (
                sum(each.began <= run.began and (each.ended or run.began) >= run.began for each in ours)
                for run in ours
            ),
            default=0,
        )  # fmt: skip

    def _step(self, pod: Object) -> None:
        labels = pod["metadata"].get("labels") or {}
        if pod["metadata"].get("deletionTimestamp"):
            self._stop(pod, self.plays.get(labels.get(CACHE, ""), Play()))
        elif pod["status"].get("phase") in ("Succeeded", "Failed"):
            return
        elif CACHE not in labels:
            if not pod["spec"].get("nodeName"):
                self._bind(pod)
            elif pod["status"].get("phase") != "Running":
                self._cluster.run(pod)
        else:
            self._play(pod, self.plays.setdefault(labels[CACHE], Play()), labels[ROLE])

    def _play(self, pod: Object, play: Play, role: str) -> None:
        uid = pod["metadata"]["uid"]
        if (stands := play.stands.get(role)) is not None:
            if any(pod["status"].get(key) != value for key, value in stands.items()):
                self._write(pod, **stands)
        elif not pod["spec"].get("nodeName"):
            self._bind(pod)
        elif role == "probe":
            self._probe(pod, play.image)
        elif uid not in self._running:
            self._start(pod, play)
        else:
            run, ending = self._running[uid]
            # A busy machine may show the pod as it was before its container began.
            seen = pod["status"].get("containerStatuses")
            if seen and time.monotonic() >= run.began + ending.after:
                self._end(pod, ending)

    def _bind(self, pod: Object) -> None:
        meta = pod["metadata"]
        target = {"apiVersion": "v1", "kind": "Node", "name": NODE}
        body = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": meta["name"]},
            "target": target,
        }
        path = self._cluster.path(POD, meta["namespace"], meta["name"])
        self._cluster.connection.request("POST", f"{path}/binding", body)

    def _probe(self, pod: Object, image: Image) -> None:
        """Run all containers of a probe, one after the other."""
        folder = _unpacked(image, self._folder)
        inits, (last,) = pod["spec"]["initContainers"], pod["spec"]["containers"]
        share = _OF_ALL // (len(inits) + 1 + image.sidecars)
        ends = [_run(each, image, folder, min(LONGEST, share)) for each in (*inits, last)]
        well = all(end.exit_code == 0 for end in ends)
        self._write(
            pod,
            phase="Succeeded" if well else "Failed",
            initContainerStatuses=[_ended(*each) for each in zip(inits, ends[:-1], strict=True)],
            containerStatuses=[_ended(last, ends[-1])],
        )

    def _start(self, pod: Object, play: Play) -> None:
        (container,) = pod["spec"]["containers"]
        cache = pod["metadata"]["labels"][CACHE]
        claim = next(
            each["persistentVolumeClaim"]["claimName"]
            for each in pod["spec"]["volumes"]
            if "persistentVolumeClaim" in each
        )
        state = {"running": {"startedAt": _now()}}
        self._write(pod, phase="Running", containerStatuses=[_status(container, state, ready=True)])
        command = [*container.get("command", []), *container.get("args", [])]
        run = Run(cache, claim, command, time.monotonic())
        self.runs.append(run)
        ending = play.download(self._failed.get(cache, 0))
        self._running[pod["metadata"]["uid"]] = (run, ending)

    def _end(self, pod: Object, ending: Ending) -> None:
        (container,) = pod["spec"]["containers"]
        more: Object = {}
        if ending.reason == "Evicted":
            more = {
                "reason": "Evicted",
                "message": "The node was low on resource: ephemeral-storage. ",
                "conditions": [
                    {"type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet"}
                ],
            }
            ending = _KILLED
        (now,) = pod["status"]["containerStatuses"]
        began = now["state"]["running"]["startedAt"]
        self._write(
            pod,
            phase="Failed" if ending.exit_code else "Succeeded",
            containerStatuses=[_ended(container, ending, began)],
            **more,
        )
        run, _ = self._running[pod["metadata"]["uid"]]
        run.ended = time.monotonic()
        self._failed[run.cache] = self._failed.get(run.cache, 0) + (ending.exit_code != 0)

    def _stop(self, pod: Object, play: Play) -> None:
        """End the containers of a deleted pod, and then the pod."""
        meta = pod["metadata"]
        since = self._going.setdefault(meta["uid"], time.monotonic())
        if time.monotonic() < since + play.stops_in:
            return
        if meta["uid"] in self._running and pod["status"].get("phase") == "Running":
            self._end(pod, _KILLED)
            return
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}
        path = self._cluster.path(POD, meta["namespace"], meta["name"])
        self._cluster.connection.request("DELETE", path, options)

    def _write(self, pod: Object, **status: Any) -> None:
        self._cluster.update_status(
            {**pod, "status": {**pod["status"], **status}}, manager="kubelet"
        )


def _now() -> str:
    return timestamp(WallClock().now())


def _status(container: Object, state: Object, *, ready: bool = False) -> Object:
    names = {"name": container["name"], "image": container["image"], "imageID": ""}
    return {**names, "ready": ready, "restartCount": 0, "state": state}


def _ended(container: Object, ending: Ending, began: str = "") -> Object:
    reason = ending.reason or ("Error" if ending.exit_code else "Completed")
    end = {"exitCode": ending.exit_code, "reason": reason, "message": ending.message}
    times = {"startedAt": began or _now(), "finishedAt": _now()}
    return _status(container, {"terminated": {**end, **times}})


@functools.cache
def _unpacked(image: Image, folder: Path) -> Path:
    """Return a folder with the files of an image and the tools that it has."""
    root = folder / f"image-{abs(hash(image)):x}"
    (root / "dev").mkdir(parents=True)
    probing.tools(root / "bin", image.awk, image.tools)
    if image.manifest is not None:
        path = root / image.path.lstrip("/")
        path.parent.mkdir(parents=True)
        path.write_text(image.manifest)
    return root


def _run(container: Object, image: Image, folder: Path, longest: int) -> Ending:
    """Run a container whose files are below a folder."""
    shell, *options, script, name = container["command"]
    assert shell == "sh"
    program, *arguments = probing.SHELLS[image.shell]
    given = [f"{folder}{each}" if each.startswith("/") else each for each in container["args"]]
    message = folder / "dev" / "termination-log"
    message.write_text("")
    done = subprocess.run(
        [probing.needed(program), *arguments, *options, script, name, *given],
        env={**os.environ, "PATH": str(folder / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = message.read_text() or (done.stderr if done.returncode else "")
    return Ending(done.returncode, said.encode()[:longest].decode(errors="ignore"))

"""Cluster: a simulated one in which NIM images are stood in for: the probe's script runs for real,
downloads go as a test says."""

import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hooks.cluster.api import Object, Resource
from hooks.kernel.observed import condition
from hooks.nimcache import kinds
from hooks.preview import installation
from hooks.preview.image import HUB as HUB_PAGES
from hooks.resources import Settings
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers.scenarios import READY, Ending, Scenario, Start, succeeds
from nimservice_simulator.metacontroller.transport import InProcess
from nimservice_simulator.simulation import Simulation
from tests import simulated
from tests.nimcache import manifests

NAME, NAMESPACE = "llama-cache", "nim"
PULLER = "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.4"
NODE = Resource("v1", "Node", "nodes", namespaced=False)

ENGINES = ("dynamic-apply", "server-side-apply")
both_engines = pytest.mark.parametrize("engine", ENGINES)

CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "models", "namespace": NAMESPACE},
    "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Ti"}}},
}
"""A claim that a user has made."""

FAILING = "HTTP 401 Unauthorized: invalid API key"
"""The last words of a download without a right."""

Ends = Callable[[Start], Ending | None]


def nimcache(*, name: str = NAME, annotations: Object | None = None, **spec: Any) -> Object:
    """Return a NIMCache; without more it takes its profiles by a filter, and creates its claim."""
    ngc = {
        "modelPuller": PULLER,
        "authSecret": "ngc-api-secret",
        "pullSecret": "ngc-secret",
        "model": {"engine": "tensorrt_llm", "tensorParallelism": "1"},
    }
    storage = {"pvc": {"create": True, "size": "50Gi", "volumeAccessMode": "ReadWriteMany"}}
    return {
        "apiVersion": kinds.NIM_CACHE.api_version,
        "kind": kinds.NIM_CACHE.kind,
        "metadata": {"name": name, "namespace": NAMESPACE, "annotations": annotations or {}},
        "spec": {"source": {"ngc": ngc}, "storage": storage, **spec},
    }


def ngc(**fields: Any) -> Object:
    """Return a source of NGC with other fields, for ``nimcache``."""
    given = {"modelPuller": PULLER, "authSecret": "ngc-api-secret", **fields}
    return {"source": {"ngc": {key: value for key, value in given.items() if value is not None}}}


HUB = {
    "endpoint": "https://huggingface.co",
    "namespace": "meta-llama",
    "modelName": "Llama-3.2-1B-Instruct",
    "modelPuller": "nvcr.io/nim/nvidia/llm-nim:1.12",
    "authSecret": "hf-secret",
    "pullSecret": "ngc-secret",
}


def node(name: str, product: str, **labels: str) -> Object:
    """Return a node with GPUs of a product."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"nvidia.com/gpu.product": product, **labels}},
    }


@cache
def messages(manifest: str | None) -> tuple[str, ...]:
    """Return what the probe's containers write in an image with a manifest, or without one."""
    from hooks.nimcache.report.script import PAGES, SCRIPT  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path, message = Path(folder) / "model_manifest.yaml", Path(folder) / "message"
        if manifest is not None:
            path.write_text(manifest)
        said = []
        for page in range(1, PAGES + 1):
            arguments = [str(page), str(message), str(path)]
            subprocess.run(["sh", "-c", SCRIPT, "probe", *arguments], check=True, timeout=60)
            said.append(message.read_text())
    return tuple(said)


def image(manifest: str | None = "", download: Ends = succeeds, *, client: bool = False) -> Ends:
    """Return how the containers of an image end: the probe's by its manifest, the download's as
    given. ``client`` is an image with Hugging Face's client alone."""
    text = manifests.mapped(12) if manifest == "" else manifest

    def ends(start: Start) -> Ending | None:
        role = start.pod["metadata"]["labels"].get("apps.nvidia.com/nimcache-role")
        if role != "probe":
            return download(start)
        pages = HUB_PAGES if client else messages(text)
        number = {"page-1": 0, "page-2": 1}.get(start.container, len(pages) - 1)
        return Ending(0, pages[number], 1)

    return ends


def fails(times: int, message: str, code: int = 1, after: float = 10) -> Ends:
    """Return a download that fails so many times, and then succeeds."""
    return lambda start: (
        Ending(code, message, after) if start.failures < times else Ending(after=30)
    )


class Cluster(Simulation):
    """A simulated cluster with the hooks of NIMCache and NIMService."""

    def __init__(
        self,
        *objects: Object,
        ends: Ends | None = None,
        settings: Settings | None = None,
        scenario: Scenario = READY,
        engine: Any = "dynamic-apply",
    ) -> None:
        clock = VirtualClock()
        hooks = installation.Hooks(
            settings or Settings(gpu_products="NVIDIA-H100-80GB-HBM3"), clock.now
        )
        self.calls: Counter[str] = Counter()
        """How often each hook was called, by its path."""

        def counted(path: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
            self.calls[path] += 1
            return hooks(path, body)

        super().__init__(
            objects,
            controllers=installation.controllers(),
            transport=InProcess(counted),
            engine=engine,
            crds=simulated.definitions(),
            scenario=replace(scenario, ends=ends or image()),
            clock=clock,
        )

    def ends(self, ends: Ends) -> None:
        """Let containers end another way from now on."""
        self.play(replace(READY, ends=ends))

    def cache(self, name: str = NAME) -> Object:
        """Return a NIMCache as it is now."""
        return self.get(kinds.NIM_CACHE, name, NAMESPACE)

    def status(self, name: str = NAME) -> Object:
        """Return the status of a NIMCache."""
        found: Object = self.cache(name).get("status") or {}
        return found

    def condition(self, wanted: str = "Ready", name: str = NAME) -> Object:
        """Return a condition of a NIMCache; an empty one where it has none."""
        return condition(self.cache(name), wanted)

    def reason(self, wanted: str = "Ready") -> str:
        """Return the reason of a condition."""
        return str(self.condition(wanted).get("reason", ""))

    def job(self, suffix: str = "job") -> Object | None:
        """Return a Job of the NIMCache, or None where there is none."""
        name = f"{NAME}-{suffix}"
        if not self.server.exists(kinds.JOB, NAMESPACE, name):
            return None
        return self.server.get(kinds.JOB, NAMESPACE, name)

    def pods(self, role: str = "download") -> list[Object]:
        """Return the pods of a role."""
        return [
            pod
            for pod in self.server.list(kinds.POD, NAMESPACE)
            if pod["metadata"]["labels"].get("apps.nvidia.com/nimcache-role") == role
        ]

    def edit_spec(self, **spec: Any) -> None:
        """Change fields of the NIMCache's spec, as a user would."""
        self.edit(kinds.NIM_CACHE, NAME, lambda cache: cache["spec"].update(spec), NAMESPACE)

    def states(self, name: str = NAME) -> list[str]:
        """Return every state that a NIMCache had, in order."""
        seen: list[str] = []
        for moment in self.timeline:
            obj = moment.object
            if obj["kind"] == "NIMCache" and obj["metadata"]["name"] == name:
                state = (obj.get("status") or {}).get("state")
                if state and (not seen or seen[-1] != state):
                    seen.append(state)
        return seen

    def made(self, kind: str, name: str) -> int:
        """Return how many objects of a name were made in all."""
        return sum(
            moment.type == "ADDED"
            and moment.object["kind"] == kind
            and moment.object["metadata"]["name"] == name
            for moment in self.timeline
        )


def command(job: Object) -> list[str]:
    """Return command and arguments of a download."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return [*container.get("command", []), *container.get("args", [])]


def variables(job: Object) -> Object:
    """Return the variables of a download."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each.get("value", "") for each in container.get("env", [])}


def settled(*objects: Object, **options: Any) -> Cluster:
    """Return a cluster that has come to rest."""
    found = Cluster(*objects, **options)
    found.settle()
    return found


def names(objects: Iterable[Object]) -> list[str]:
    """Return the names of objects."""
    return sorted(each["metadata"]["name"] for each in objects)


def at_once(found):
    """Return how many pods of downloads were not over at the same time, at most."""
    alive, most = set(), 0
    for moment in found.timeline:
        obj = moment.object
        if obj["kind"] != "Pod" or "download" not in obj["metadata"]["labels"].values():
            continue
        over = moment.type == "DELETED" or obj["status"].get("phase") in ("Succeeded", "Failed")
        (alive.discard if over else alive.add)(obj["metadata"]["uid"])
        most = max(most, len(alive))
    return most

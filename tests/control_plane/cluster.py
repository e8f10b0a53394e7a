"""Cluster: what a test does to the control plane as a user, a node or an onlooker."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from hooks.cluster.api import (
    ApiError,
    Conflict,
    KindRef,
    NotFound,
    Object,
    Resource,
    controller_of,
    group_of,
    name_of,
)
from hooks.kernel.condition import timestamp
from hooks.nimcache.kinds import JOB, NIM_CACHE
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds
from tests.control_plane.programs import ControlPlane
from tests.control_plane.server import Server
from tests.control_plane.wallclock import WallClock

NAMESPACE = Resource("v1", "Namespace", "namespaces", namespaced=False)
POD = Resource("v1", "Pod", "pods")
CRD = Resource(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)
USER = "kubectl"

_COUNT = re.compile(r"^apiserver_request_total\{([^}]*)\} (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_WRITES = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "APPLY": "apply",
    "DELETE": "delete",
}


class Cluster(Server):
    """The whole cluster, with all rights."""

    def __init__(self, plane: ControlPlane) -> None:
        super().__init__(plane.kubeconfig, discovered_every=1)
        self.plane = plane

    def install(self, *crds: Object) -> None:
        """Apply CustomResourceDefinitions and wait until their kinds are served, or raise with what
        the server says of them."""
        for crd in crds:
            self.apply(crd, manager=USER, force=True)
        with ThreadPoolExecutor(
            len(crds)
        ) as threads:  # the server sets each kind up at its first request
            list(threads.map(self._wait_for, crds))
        for crd in self.list(CRD):
            problems = [
                each["message"]
                for each in crd["status"]["conditions"]
                if each["type"] == "NonStructuralSchema"
            ]
            assert not problems, problems

    def _wait_for(self, crd: Object) -> None:
        spec = crd["spec"]
        for version in spec["versions"]:
            if version["served"]:
                api_version = f"{spec['group']}/{version['name']}"
                look = partial(self.find_kind, api_version, spec["names"]["kind"])
                self.list(
                    self.until(look, f"{crd['metadata']['name']} is served", seconds=60, every=0.5)
                )

    def until(
        self, look: Callable[[], Any], what: str, *, seconds: float = 20, every: float = 0.1
    ) -> Any:
        """Look again and again until it is so, and return what was seen."""
        deadline = time.monotonic() + seconds
        while not (seen := look()):
            assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
            time.sleep(every)
        return seen

    def put(self, obj: Object) -> Object:
        """Apply an object as a user does; its status too, as the controller would whose status it
        is."""
        stored = self.apply(
            {key: value for key, value in obj.items() if key != "status"}, manager=USER, force=True
        )
        return (
            self.update_status({**stored, "status": obj["status"]}, manager=USER)
            if "status" in obj
            else stored
        )

    def edit(
        self,
        kind: KindRef,
        namespace: str,
        name: str,
        change: Callable[[Object], object],
        manager: str = "kubectl-edit",
    ) -> Object:
        """Change an object as ``kubectl edit`` does."""
        while True:
            obj = self.get(kind, namespace, name)
            change(obj)
            try:
                return self.update(obj, manager=manager)
            except Conflict:
                continue

    def find(self, kind: KindRef, namespace: str, name: str) -> Object | None:
        """Return an object, or None if it does not exist."""
        try:
            return self.get(kind, namespace, name)
        except NotFound:
            return None

    def path_of(self, obj: Object) -> str:
        """Return where an object is to be found."""
        return self.path(Resource(obj["apiVersion"], obj["kind"], ""), *name_of(obj))

    def refusal(self, obj: Object) -> str:
        """Return why the API server refuses to create an object; it is not made either way."""
        try:
            self.connection.request(
                "POST",
                self.path_of(obj).rpartition("/")[0],
                obj,
                dryRun="All",
                fieldValidation="Strict",
            )
        except ApiError as error:
            return str(error)
        return ""

    def refusal_of_change(self, before: Object, after: Object) -> str:
        """Return why the API server refuses to make one object of another; it is not made either
        way."""
        stored = self.put(before)
        try:
            self.connection.request(
                "PUT", self.path_of(after), {**after, "metadata": stored["metadata"]}, dryRun="All"
            )
        except ApiError as error:
            return str(error)
        finally:
            self.delete(Resource(before["apiVersion"], before["kind"], ""), *name_of(before))
        return ""

    def served(self, *wanted: kinds.Kind) -> bool:
        """Tell whether the cluster has kinds."""
        return all(self.find_plural(kind.api_version, kind.plural) for kind in wanted)

    def children(self, nim: Object) -> Iterator[Object]:
        """Yield what a NIMService owns, of every kind the hooks make."""
        for kind in kinds.MANAGED:
            if self.served(kind):
                for obj in self.list(kind, nim["metadata"]["namespace"]):
                    owner = controller_of(obj)
                    if owner and owner["uid"] == nim["metadata"]["uid"]:
                        yield obj

    def make_pods_ready(self, namespace: str) -> int:
        """Let every pod of a namespace run and be ready, as a node would; return how many there
        are."""
        pods = self.list(POD, namespace)
        for pod in pods:
            if not pod["metadata"].get("deletionTimestamp"):
                self.run(pod)
        return len(pods)

    def run(self, pod: Object) -> None:
        """Let a pod run and be ready."""
        now = timestamp(WallClock().now())
        conditions = [
            {"type": name, "status": "True", "lastTransitionTime": now}
            for name in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
        ]
        containers = [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": now}},
            }
            for container in pod["spec"]["containers"]
        ]
        status = {
            "phase": "Running",
            "startTime": now,
            "podIP": "10.1.0.1",
            "conditions": conditions,
            "containerStatuses": containers,
        }
        try:
            self.update_status({**pod, "status": status}, manager="kubelet")
        except (NotFound, Conflict):
            return  # replaced meanwhile: the next look finds its successor

    def writes(self) -> Counter[tuple[str, str]]:
        """Return how often the API server was asked to change parents and what they own, by
        verb and resource, from its own counters."""
        made = (*kinds.MANAGED, kinds.NIM_SERVICE, NIM_PIPELINE, NIM_CACHE, JOB)
        ours = {kind.plural: kind for kind in made}
        counts: Counter[tuple[str, str]] = Counter()
        for labels, value in _COUNT.findall(self.plane.get("/metrics").decode()):
            label = dict(_LABEL.findall(labels))
            kind = ours.get(label["resource"])
            if (
                kind
                and label["verb"] in _WRITES
                and not label["dry_run"]
                # Metacontroller deletes one by one; a namespace that ends empties collections.
                and (label["verb"], label["scope"]) != ("DELETE", "namespace")
                and group_of(kind.api_version) == label["group"]
            ):
                counts[
                    _WRITES[label["verb"]],
                    "/".join(filter(None, (kind.plural, label["subresource"]))),
                ] += int(float(value))
        return counts


def manifests(path: Path) -> list[Object]:
    """Return the objects in a YAML file."""
    return [obj for obj in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader) if obj]


_UNUSED = {
    "inferenceservices": ("canary", "explainer", "transformer", *(f"predictor.{name}" for name in (
        "huggingface", "lightgbm", "onnx", "paddle", "pmml", "pytorch", "sklearn", "tensorflow", "triton", "workerSpec", "xgboost",
    ))),
}  # fmt: skip
"""Large parts of ``spec`` that the hooks never set. If they do, the API server drops it here, and
the test of everything says so."""


def slim(crd: Object, api_version: str) -> Object:
    """Return a CustomResourceDefinition with one version, no texts and no unused parts: setting it
    up takes a fraction of the time."""
    plural = crd["spec"]["names"]["plural"]
    versions = [
        each
        for each in crd["spec"]["versions"]
        if f"{crd['spec']['group']}/{each['name']}" == api_version
    ]
    for version in versions:
        for path in _UNUSED.get(plural, ()):
            part = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
            *way, last = path.split(".")
            for step in way:
                part = part["properties"][step]
            part["properties"].pop(last)
    return {
        **crd,
        "spec": {
            **crd["spec"],
            "versions": [without_descriptions({**each, "storage": True}) for each in versions],
        },
    }


def without_descriptions(schema: Any) -> Any:
    if isinstance(schema, list):
        return [without_descriptions(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_descriptions(value)
        for key, value in schema.items()
        if key != "description" or not isinstance(value, str)
    }


def readable(counts: Counter[tuple[str, str]]) -> str:
    return json.dumps({" ".join(key): count for key, count in sorted(counts.items())})

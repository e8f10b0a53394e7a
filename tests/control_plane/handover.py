"""Handover: a NIMService as NVIDIA's operator leaves it on the real API server, and what hands it
to the hooks."""

from copy import deepcopy

import pytest

from hooks.cli import main
from hooks.kernel.observed import condition
from hooks.kernel.owner import owner_reference
from hooks.migration import operator
from hooks.nimservice import kinds
from tests.control_plane.cluster import manifests
from tests.control_plane.situations import CONFORMANCE, nimservice

LASTING = (
    kinds.DEPLOYMENT,
    kinds.LEADER_WORKER_SET,
    kinds.SERVICE,
    kinds.PERSISTENT_VOLUME_CLAIM,
    kinds.SECRET,
)
"""What must stay the very same object: it runs the model, holds its data, or leads to it."""
ONCE = {"PersistentVolumeClaim", "Secret", "ConfigMap"}
OPERATOR = "manager"
RUN = {"Deployment", "LeaderWorkerSet"}
NOW = "2026-01-01T00:00:00Z"
Namespace = kinds.Kind("v1", "Namespace", "namespaces")

WARM = {
    "name": "warm",
    "image": {"repository": "busybox", "tag": "1.36"},
    "command": ["true"],
}
WARMED = {"name": "warm", "image": "busybox:1.36", "command": ["true"], "env": []}


def pods_of(child):
    """Return the specs of the pods of a group or of KServe."""
    if child["kind"] == "LeaderWorkerSet":
        templates = child["spec"]["leaderWorkerTemplate"]
        return [templates[each]["spec"] for each in ("leaderTemplate", "workerTemplate")]
    return [child["spec"]["predictor"]] if child["kind"] == "InferenceService" else []


def _without_profile(container):
    container["env"] = [each for each in container["env"] if each["name"] != "NIM_MODEL_PROFILE"]
    container.pop("resources", None)


def as_made(child, nim):
    """Return a child as NVIDIA's operator creates it: controlled by its NIMService, with hashes, on
    what it updates."""
    made = deepcopy(child)
    meta = made["metadata"]
    meta["namespace"] = nim["metadata"]["namespace"]
    meta["ownerReferences"] = [owner_reference(nim)]
    meta["labels"]["app.kubernetes.io/operator-version"] = ""
    if child["kind"] not in ONCE:
        meta["annotations"] = {
            **(meta.get("annotations") or {}),
            **dict.fromkeys(operator.HASHES, "6bb8bf548c"),
        }
    return made


class World:
    """A NIMService as NVIDIA's operator leaves it, before Metacontroller starts."""

    def __init__(self, stage):
        self.stage, self.cluster, self.namespace = stage, stage.cluster, stage.namespace
        if stage.real:
            stage._program._program.stop(patience=5)
        if not self.cluster.find(Namespace, "", "nvidia"):
            self.cluster.create(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "nvidia"}},
                manager="kubectl",
            )

    def set_up(self, case, *, unnamed=False, change=None):
        """Put a case of the conformance data there, as it is while the operator runs.

        With ``unnamed``, the NIMService does not name the profile of its NIMCache. ``change`` is
        called with the spec of the NIMService, and those of the pods of groups and of KServe.
        """
        folder = CONFORMANCE / case
        if not folder.is_dir():
            pytest.skip(
                f"{case}: the children of NVIDIA's operator are not at hand in ../shared/conformance"
            )
        objects, (expected,) = manifests(folder / "input.yaml"), manifests(folder / "expected.yaml")
        (nim,) = [each for each in objects if each["kind"] == "NIMService"]
        if unnamed:
            nim["spec"]["storage"]["nimCache"].pop("profile")
            for each in expected["children"]:
                if each["kind"] == kinds.DEPLOYMENT.kind:
                    _without_profile(each["spec"]["template"]["spec"]["containers"][0])
        if change:
            change(nim["spec"], [pod for each in expected["children"] for pod in pods_of(each)])
        self.have([each for each in objects if each is not nim], nim, expected["children"])

    def have(self, others, nim, children):
        for obj in (*others, nim):
            obj["metadata"]["namespace"] = self.namespace
        nim["metadata"]["finalizers"] = [operator.FINALIZER]
        for obj in others:
            self.cluster.put(obj)
        self.name = nim["metadata"]["name"]
        nim = self.cluster.put(nim)
        for child in children:
            if self.cluster.find_kind(child["apiVersion"], child["kind"]) is None:
                pytest.skip(f"{child['kind']} is not served")
            self.cluster.create(as_made(child, nim), manager=OPERATOR)
        self.ready_pods()

    def migrate(self, *options):
        return main(
            [
                "migrate",
                "-n",
                self.namespace,
                f"--kubeconfig={self.cluster.plane.kubeconfig}",
                *options,
            ]
        )

    def run_hooks(self):
        self.stage.restart()
        self.stage.settle()

    def nim(self):
        return self.cluster.get(kinds.NIM_SERVICE, self.namespace, self.name)

    def children(self):
        return {
            (child["kind"], child["metadata"]["name"]): child
            for child in self.cluster.children(self.nim())
        }

    def lasting(self):
        wanted = {kind.kind for kind in LASTING}
        return {
            key: child["metadata"]["uid"]
            for key, child in self.children().items()
            if key[0] in wanted
        }

    def deployment(self):
        return self.cluster.get(kinds.DEPLOYMENT, self.namespace, self.name)

    def template(self):
        return self.deployment()["spec"]["template"]

    def edit(self, change):
        self.cluster.edit(kinds.NIM_SERVICE, self.namespace, self.name, change)
        self.stage.settle()

    def pods(self):
        return {pod["metadata"]["uid"] for pod in self.cluster.list(kinds.POD, self.namespace)}

    def becomes_ready(self):
        """Let pods run until the hooks, which may only just have started, have written theirs and
        say Ready."""

        def look():
            self.cluster.make_pods_ready(self.namespace)
            said = condition(self.nim(), "Ready")
            ours = all(
                operator.labels(each)[operator.MANAGED_BY] != operator.NAME
                for each in self.children().values()
                if each["kind"] in RUN
            )
            return (
                ours
                and all(map(self._runs, self.children().values()))
                and (said.get("status"), said.get("reason")) == ("True", "Ready")
            )

        self.stage.until(look, "the hooks say Ready")
        self.stage.settle()

    def ready_pods(self):
        def all_available():
            self.cluster.make_pods_ready(self.namespace)
            return all(self._runs(child) for child in self.children().values())

        # the hooks run only when they are to
        self.cluster.until(all_available, "all pods are available")

    def _runs(self, workload):
        status, generation = workload.get("status") or {}, workload["metadata"].get("generation")
        if workload["kind"] == "LeaderWorkerSet":
            counts = dict.fromkeys(("replicas", "readyReplicas", "updatedReplicas"), 1)
            available = {
                "type": "Available",
                "status": "True",
                "reason": "AllGroupsReady",
                "message": "",
                "lastTransitionTime": NOW,
            }
            if not status:
                self.cluster.update_status(
                    {**workload, "status": {**counts, "conditions": [available]}}, manager="lws"
                )
            return True
        if workload["kind"] != "Deployment":
            return True
        wanted = workload["spec"]["replicas"]
        seen = [status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")]
        return status.get("observedGeneration") == generation and seen == [wanted] * 3


def make(world, made=(), env=(), **spec):
    """Have a NIMService and the children that the operator makes for it, with what it does
    otherwise than the hooks.

    ``made`` are the init containers of the Deployment, ``env`` variables of the model server.
    """
    nim = nimservice(world.namespace, **{**({"env": list(env)} if env else {}), **spec})
    labels = {f"app.kubernetes.io/{key}": "llama" for key in ("name", "instance")}
    labels |= {"app.kubernetes.io/part-of": "nim-service", operator.MANAGED_BY: operator.NAME}
    scc = {"openshift.io/required-scc": "nonroot"}
    container = {
        "name": "llama-ctr",
        "image": "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.12.0",
        "env": [{"name": "HTTP_PROXY", "value": ""}, *env],
    }
    template = {
        "metadata": {"labels": {**labels, "app": "llama"}, "annotations": scc},
        "spec": {"containers": [container], **({"initContainers": list(made)} if made else {})},
    }
    deployment = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "llama"}},
        "template": template,
    }
    ports = [{"name": "api", "port": 8000, "targetPort": "api"}]
    world.have(
        [],
        nim,
        [
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "llama", "labels": dict(labels)},
            },
            child("v1", "Service", {**labels}, scc, {"ports": ports, "selector": {"app": "llama"}}),
            child("apps/v1", "Deployment", {**labels}, scc, deployment),
        ],
    )


def child(api_version, kind, labels, annotations, spec):
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "llama", "labels": labels, "annotations": dict(annotations)},
        "spec": spec,
    }

"""From NVIDIA's operator to the hooks and back, on children as it makes them, with the owners and
fields it gives them."""

import json
from copy import deepcopy

import pytest

from hooks.cli import main
from hooks.cluster.api import controller_of
from hooks.kernel import lastapplied
from hooks.kernel.observed import condition
from hooks.kernel.owner import owner_reference
from hooks.migration import operator
from hooks.nimservice import kinds
from tests.control_plane.cluster import manifests, readable
from tests.control_plane.situations import CONFORMANCE, nimservice
from tests.control_plane.stage import writes_at_rest

CASES = (
    "minimal",
    "cache-profile-one",
    "gateway-http",
    "multinode-mpi",
    "dra-template-name",
    "hpa-min-default",
)
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

pytestmark = pytest.mark.usefixtures("controller_manager")


@pytest.fixture
def world(stage):
    world = World(stage)
    yield world
    for deployment in world.cluster.list(kinds.DEPLOYMENT, "nvidia"):
        world.cluster.delete(kinds.DEPLOYMENT, "nvidia", deployment["metadata"]["name"])


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
            change(nim["spec"], [pod for each in expected["children"] for pod in _pods_of(each)])
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


NOW = "2026-01-01T00:00:00Z"
Namespace = kinds.Kind("v1", "Namespace", "namespaces")


WARM = {
    "name": "warm",
    "image": {"repository": "busybox", "tag": "1.36"},
    "command": ["true"],
}
WARMED = {"name": "warm", "image": "busybox:1.36", "command": ["true"], "env": []}


def _pods_of(child):
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


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_made_anew_and_after_one_rollout_all_is_ready_and_at_rest(world, case):
    world.set_up(case)
    before, children = world.lasting(), world.children()
    assert world.migrate("--apply") == 0
    assert operator.FINALIZER not in operator.finalizers(world.nim())
    assert all(
        lastapplied.OWNER_LABEL in operator.labels(child) for child in world.children().values()
    )
    world.run_hooks()
    world.becomes_ready()
    assert world.lasting() == before != {}
    assert {kind for kind, _ in children.keys() - world.children().keys()} <= {
        "Role",
        "RoleBinding",
    }
    assert world.children().keys() <= children.keys()
    assert world.nim()["status"]["state"] == "Ready"
    for child in world.children().values():
        if child["kind"] not in ONCE:
            spec = json.dumps(child.get("spec")) + json.dumps(child["metadata"]["labels"])
            assert not [
                each for each in ("operator-version", "required-scc", operator.NAME) if each in spec
            ], child["kind"]
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


@pytest.fixture
def handed_over(world):
    """Return a function that has an own NIMService, made as by the operator, and hands it over."""

    def hand_over(*options):
        make(world)
        assert world.migrate("--apply", *options) == 0
        world.run_hooks()
        return world

    return hand_over


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


def test_a_paused_deployment_keeps_its_pods_until_it_is_resumed(handed_over):
    world = handed_over("--pause")
    assert "securityContext" in world.template()["spec"]["containers"][0], (
        "the hooks have written theirs"
    )
    pods = world.pods()
    written = writes_at_rest(world.stage)
    assert not written, readable(written)
    assert world.pods() == pods
    world.cluster.plane.kubectl("rollout", "resume", "deployment/llama", "-n", world.namespace)
    world.ready_pods()
    world.stage.settle()
    assert condition(world.nim(), "Ready")["reason"] == "Ready"
    assert not world.pods() & pods


def test_what_the_operator_set_and_nobody_wants_is_gone_and_what_a_person_set_stays(world):
    make(world)
    world.cluster.plane.kubectl("annotate", "service/llama", "team=a", "-n", world.namespace)
    assert world.migrate("--apply") == 0
    world.run_hooks()
    template = world.template()
    assert "HTTP_PROXY" not in [each["name"] for each in template["spec"]["containers"][0]["env"]]
    assert not template["metadata"].get("annotations")
    annotations = world.children()["Service", "llama"]["metadata"]["annotations"]
    assert annotations["team"] == "a"
    assert "openshift.io/required-scc" not in annotations


def test_edits_reach_a_model_whose_profile_nobody_named(world):
    """The hooks would take the one profile that the NIMCache has; the operator takes none."""
    world.set_up("cache-profile-one", unnamed=True)
    before = world.template()
    assert world.migrate("--apply") == 0
    world.run_hooks()
    world.becomes_ready()
    (container,) = world.template()["spec"]["containers"]
    assert "NIM_MODEL_PROFILE" not in {each["name"] for each in container["env"]}
    assert "resources" not in before["spec"]["containers"][0] or not container["resources"]
    world.edit(lambda nim: nim["spec"].update(replicas=2))
    world.edit(lambda nim: nim["spec"]["image"].update(tag="1.3.4"))
    (container,) = world.template()["spec"]["containers"]
    assert container["image"].endswith(":1.3.4")
    assert world.deployment()["spec"]["replicas"] == 2
    world.becomes_ready()
    assert not condition(world.nim(), "Degraded")


@pytest.mark.parametrize("first", ["value", "valueFrom"])
def test_a_variable_changes_between_a_value_and_a_reference(world, first):
    """A part of the entry that stays with the operator would be refused beside the other part."""
    forms = {
        "value": {"name": "TOKEN", "value": "none"},
        "valueFrom": {
            "name": "TOKEN",
            "valueFrom": {"secretKeyRef": {"name": "tokens", "key": "t", "optional": True}},
        },
    }
    (other,) = forms.keys() - {first}
    make(world, env=[forms[first]])
    assert world.migrate("--apply") == 0
    world.run_hooks()
    world.edit(lambda nim: nim["spec"].update(env=[forms[other]]))
    assert forms[other] in world.template()["spec"]["containers"][0]["env"]


def test_an_init_container_can_be_removed(world):
    make(world, initContainers=[WARM], made=[WARMED])
    assert world.migrate("--apply") == 0
    world.run_hooks()
    assert [each["name"] for each in world.template()["spec"]["initContainers"]] == ["warm"]
    world.edit(lambda nim: nim["spec"].pop("initContainers"))
    assert "initContainers" not in world.template()["spec"]


@pytest.mark.parametrize("case", ["multinode-mpi", "kserve-standard"])
def test_an_init_container_of_a_group_or_of_kserve_can_be_removed(world, case):
    def warmed(spec, pods):
        spec["initContainers"] = [WARM]
        for pod in pods:
            pod["initContainers"] = [dict(WARMED)]

    world.set_up(case, change=warmed)
    assert world.migrate("--apply") == 0
    world.run_hooks()

    def warm():
        pods = [pod for child in world.children().values() for pod in _pods_of(child)]
        assert pods
        return [[each["name"] for each in pod.get("initContainers") or []] for pod in pods]

    assert any("warm" in names for names in warm())
    world.edit(lambda nim: nim["spec"].pop("initContainers"))
    assert not any("warm" in names for names in warm())


def test_the_scale_of_kserve_that_nobody_wants_is_gone(world):
    world.set_up(
        "kserve-standard",
        change=lambda _, pods: pods[0].update(scaleMetric="cpu", scaleTarget=80),
    )
    assert world.migrate("--apply") == 0
    world.run_hooks()
    predictor = world.children()["InferenceService", world.name]["spec"]["predictor"]
    assert not {"scaleMetric", "scaleTarget"} & predictor.keys()


def test_a_second_time_there_is_nothing_to_do(handed_over, capsys):
    world = handed_over()
    before = {key: child["metadata"]["resourceVersion"] for key, child in world.children().items()}
    capsys.readouterr()
    assert world.migrate("--apply") == 0
    assert capsys.readouterr().out == "found nothing to migrate\n"
    assert {
        key: child["metadata"]["resourceVersion"] for key, child in world.children().items()
    } == before


def test_children_that_metacontroller_has_let_go_are_taken_back(world):
    make(world)
    before = world.lasting()
    world.run_hooks()
    if world.stage.engine == "dynamic-apply":
        assert not world.lasting(), "without the label they are released"
    assert world.migrate("--apply", *(["--force"] if world.stage.real else [])) == 0
    world.stage.restart()
    world.becomes_ready()
    assert world.lasting() == before
    written = writes_at_rest(world.stage)
    assert not written, readable(written)


def test_nothing_is_written_while_the_operator_runs(world, capsys):
    make(world)
    container = {"name": "manager", "image": "nvcr.io/nvidia/cloud-native/k8s-nim-operator:v3.0.0"}
    pod = {"metadata": {"labels": {"app": "operator"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "operator"}}, "template": pod}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "nim-operator", "namespace": "nvidia"},
        "spec": spec,
    }
    world.cluster.put(deployment)
    assert world.migrate("--apply") == 1
    assert "Deployment nvidia/nim-operator is NVIDIA's operator" in capsys.readouterr().err
    assert operator.FINALIZER in operator.finalizers(world.nim())
    world.cluster.plane.kubectl("scale", "deployment/nim-operator", "--replicas=0", "-n", "nvidia")
    world.cluster.until(lambda: world.migrate() == 0, "nothing is in the way")


def test_on_the_way_back_the_operator_finds_its_children_and_no_pod_restarts(handed_over):
    world = handed_over()
    world.becomes_ready()
    before, pods = world.lasting(), world.pods()
    if world.stage.real:
        world.stage._program._program.stop(patience=5)
    assert world.migrate("--back", "--apply", *(["--force"] if world.stage.real else [])) == 0
    assert not operator.finalizers(world.nim())
    assert world.lasting() == before
    assert world.pods() == pods
    for child in world.children().values():
        labels, annotations = operator.labels(child), child["metadata"].get("annotations") or {}
        assert lastapplied.OWNER_LABEL not in labels
        assert lastapplied.LAST_APPLIED not in annotations
        assert labels[operator.MANAGED_BY] == operator.NAME, (
            "the operator sees only what bears its name"
        )
        assert set(operator.HASHES) <= annotations.keys(), (
            "so it finds nothing that it has to write"
        )
        assert controller_of(child)["uid"] == world.nim()["metadata"]["uid"]
    assert world.migrate("--apply") == 0
    world.run_hooks()
    assert world.lasting() == before
    assert world.pods() == pods, "nor does one on the way there again"

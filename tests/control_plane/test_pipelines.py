"""NIMPipelines on a real API server: edits, taken names and deletions."""

from copy import deepcopy

import pytest

from hooks.kernel.observed import condition
from hooks.nimpipeline import kinds
from tests.control_plane.cluster import POD, readable
from tests.control_plane.stage import writes_at_rest
from tests.situations.nimpipeline import HELD, applied, service
from tests.situations.nimservice import BASE_SPEC


class Pipelines:
    """Pipelines and their NIMServices in the namespace of a test."""

    def __init__(self, stage):
        self.stage, self.cluster, self.namespace = stage, stage.cluster, stage.namespace

    def apply(self, *services, name="rag"):
        self.cluster.put(applied(self.namespace, *services, name=name))
        self.stage.settle()

    def edit(self, change, name="rag"):
        def edited(pipeline):
            change(pipeline["spec"]["services"])

        self.cluster.edit(kinds.NIM_PIPELINE, self.namespace, name, edited)
        self.stage.settle()

    def nims(self):
        return {
            nim["metadata"]["name"]: nim
            for nim in self.cluster.list(kinds.NIM_SERVICE, self.namespace)
        }

    def found(self, name="rag"):
        return self.cluster.get(kinds.NIM_PIPELINE, self.namespace, name)

    def is_said(self, reason, name="rag"):
        self.stage.until(
            lambda: condition(self.found(name), "Ready").get("reason") == reason,
            f"{name}: {reason}",
        )

    def ready(self):
        def all_ready():
            self.cluster.make_pods_ready(self.namespace)
            return self.found()["status"]["state"] == "Ready"

        self.stage.until(all_ready, "all services are Ready")
        self.stage.settle()

    def delete(self, propagation):
        self.cluster.delete(kinds.NIM_PIPELINE, self.namespace, "rag", propagation=propagation)


@pytest.fixture
def pipelines(stage):
    return Pipelines(stage)


@pytest.mark.usefixtures("controller_manager")
def test_it_becomes_ready_and_kubectl_shows_it_and_then_nothing_is_written(pipelines):
    pipelines.apply(service("llm"), service("embedder"), service("off", enabled=False))
    assert pipelines.found()["status"]["readyServices"] == "0/2"
    pipelines.ready()
    shown = pipelines.cluster.plane.kubectl("get", "nimp", "-n", pipelines.namespace).splitlines()
    assert shown[0].split() == ["NAME", "READY", "REASON", "SERVICES", "AGE"]
    assert shown[1].split()[:4] == ["rag", "True", "Ready", "2/2"]
    written = writes_at_rest(pipelines.stage)
    assert not written, readable(written)


def test_edits_reach_their_nimservice_and_hand_edits_are_put_back(pipelines):
    pipelines.apply(service("llm", spec={**BASE_SPEC, "replicas": 1}), service("embedder"))
    before = pipelines.nims()
    told = {"name": "embedder", "port": 8000, "envName": "EMBEDDER"}
    pipelines.edit(lambda services: services[0].update(dependencies=[told]))
    pipelines.edit(lambda services: services[0]["spec"]["image"].update(tag="1.13.0"))
    llm = pipelines.nims()["llm"]
    assert llm["spec"]["image"]["tag"] == "1.13.0"
    assert llm["spec"]["env"] == [{"name": "EMBEDDER", "value": "embedder:8000"}]
    assert (
        pipelines.nims()["embedder"]["metadata"]["generation"]
        == before["embedder"]["metadata"]["generation"]
    )
    for name, wanted in (("llm", 1), ("embedder", 3)):
        pipelines.cluster.plane.kubectl(
            "scale", f"nims/{name}", "--replicas=3", "-n", pipelines.namespace
        )
        pipelines.stage.settle()
        assert pipelines.nims()[name]["spec"]["replicas"] == wanted
    written = writes_at_rest(pipelines.stage)
    assert not written, readable(written)


def test_services_are_disabled_enabled_again_renamed_and_taken_out(pipelines):
    pipelines.apply(service("llm"), service("embedder"), service("reranker"))
    pipelines.edit(lambda services: services[1].update(enabled=False))
    pipelines.stage.until(lambda: set(pipelines.nims()) == {"llm", "reranker"}, "embedder is gone")
    pipelines.edit(lambda services: services[1].update(enabled=True))
    pipelines.edit(lambda services: services[2].update(name="ranker"))
    pipelines.stage.until(lambda: set(pipelines.nims()) == {"llm", "embedder", "ranker"}, "renamed")
    pipelines.edit(lambda services: services.pop())
    pipelines.stage.until(lambda: set(pipelines.nims()) == {"llm", "embedder"}, "ranker is gone")
    pipelines.edit(lambda services: services.clear())
    pipelines.is_said("NothingEnabled")


def test_a_nimservice_of_somebody_else_is_left_alone_until_it_is_handed_over(pipelines):
    mine = {
        "apiVersion": kinds.NIM_SERVICE.api_version,
        "kind": kinds.NIM_SERVICE.kind,
        "metadata": {"name": "llm", "namespace": pipelines.namespace},
        "spec": {**BASE_SPEC, "replicas": 2},
    }
    pipelines.cluster.put(mine)
    pipelines.apply(service("llm", spec={**BASE_SPEC, "replicas": 1}), service("embedder"))
    pipelines.apply(service("embedder"), name="other")
    pipelines.is_said("ChildNotObserved")
    pipelines.is_said("ChildNotObserved", "other")
    assert "belongs to NIMPipeline rag" in condition(pipelines.found("other"), "Ready")["message"]
    assert pipelines.nims()["llm"]["spec"]["replicas"] == 2
    assert set(pipelines.nims()) == {"llm", "embedder"}
    written = writes_at_rest(pipelines.stage)
    assert not written, readable(written)

    mark = f"controller-uid={pipelines.found()['metadata']['uid']}"
    pipelines.cluster.plane.kubectl(
        "label", "nimservices", "llm", "-n", pipelines.namespace, "--overwrite", mark
    )
    pipelines.stage.until(
        lambda: pipelines.nims()["llm"]["spec"]["replicas"] == 1, "llm is taken over"
    )


def test_an_address_is_that_of_the_service_and_ports_and_variables_are_ones_that_exist(pipelines):
    called = service(
        "embedder", spec={**BASE_SPEC, "expose": {"service": {"name": "emb-svc", "port": 9000}}}
    )
    told = {"name": "embedder", "port": 9000, "envName": "EMB"}
    pipelines.apply(service("llm", dependencies=[told]), called)
    assert pipelines.nims()["llm"]["spec"]["env"] == [{"name": "EMB", "value": "emb-svc:9000"}]
    pipelines.edit(lambda services: services[0]["dependencies"][0].update(port=8000))
    degraded = condition(pipelines.found(), "Degraded")
    assert degraded["reason"] == "DependencyUnreachable", degraded
    for field, value in (("port", 0), ("port", 65536), ("envName", "A=B"), ("envName", "\xe9")):
        wrong = service("llm", dependencies=[{**told, field: value}])
        refusal = pipelines.cluster.refusal(applied(pipelines.namespace, wrong, name="wrong"))
        assert f"services[0].dependencies[0].{field}" in refusal
    right = service("llm", dependencies=[{**told, "envName": "A b"}])
    assert pipelines.cluster.refusal(applied(pipelines.namespace, right, name="right")) == ""


def test_a_finalizer_of_others_on_one_that_is_ending_is_named(pipelines):
    pipelines.apply(service("llm"))

    def held(finalizers):
        def change(nim):
            nim["metadata"]["finalizers"] = finalizers

        pipelines.cluster.edit(kinds.NIM_SERVICE, pipelines.namespace, "llm", change)

    held([*pipelines.nims()["llm"]["metadata"].get("finalizers", ()), "example.com/hold"])
    try:
        pipelines.edit(lambda services: services[0].update(enabled=False))
        pipelines.is_said("Draining")
        pipelines.stage.until(
            lambda: "example.com/hold" in condition(pipelines.found(), "Ready")["message"], "named"
        )
    finally:
        held([])


def test_one_that_is_handed_over_during_a_hold_loses_nothing_that_the_pipeline_does_not_set(
    pipelines,
):
    theirs = {"replicas": 3, "nodeSelector": {"x": "y"}, "env": [{"name": "OLD", "value": "1"}]}
    mine = {
        "apiVersion": kinds.NIM_SERVICE.api_version,
        "kind": kinds.NIM_SERVICE.kind,
        "metadata": {"name": "llm", "namespace": pipelines.namespace},
        "spec": {**BASE_SPEC, **theirs},
    }
    pipelines.cluster.put(mine)
    pipelines.apply(service("llm"), service("bad", spec=HELD))
    pipelines.is_said("InvalidSpec")
    mark = f"controller-uid={pipelines.found()['metadata']['uid']}"
    pipelines.cluster.plane.kubectl("label", "nims", "llm", "-n", pipelines.namespace, mark)
    pipelines.stage.settle()
    pipelines.edit(lambda services: services.pop())
    pipelines.stage.until(
        lambda: condition(pipelines.found(), "Ready").get("reason") != "InvalidSpec", "corrected"
    )
    assert pipelines.nims()["llm"]["metadata"]["ownerReferences"]
    assert pipelines.nims()["llm"]["spec"].items() >= theirs.items()
    written = writes_at_rest(pipelines.stage)
    assert not written, readable(written)


def test_what_others_set_below_an_empty_value_of_the_pipelines_stays_and_troubles_nobody(pipelines):
    pipelines.apply(service("llm", spec={**BASE_SPEC, "nodeSelector": {}}))
    patch = '{"spec":{"nodeSelector":{"a":"b"}}}'
    pipelines.cluster.plane.kubectl(
        "patch", "nims/llm", "--type=merge", "-p", patch, "-n", pipelines.namespace
    )
    pipelines.stage.settle()
    assert pipelines.nims()["llm"]["spec"]["nodeSelector"] == {"a": "b"}
    assert condition(pipelines.found(), "Ready")["reason"] not in ("Updating", "ChangeNotApplied")
    written = writes_at_rest(pipelines.stage)
    assert not written, readable(written)


def test_an_edit_that_the_api_server_refuses_is_told_and_the_nimservice_runs_on(pipelines):
    """Here it is a ValidatingAdmissionPolicy that refuses a tag."""
    group = "admissionregistration.k8s.io"
    name = f"no-bad-tags-{pipelines.namespace}"
    policy = {
        "apiVersion": f"{group}/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "resourceRules": [
                    {
                        "apiGroups": ["apps.nvidia.com"],
                        "apiVersions": ["*"],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": ["nimservices"],
                    }
                ]
            },
            "validations": [
                {"expression": "object.spec.image.tag != 'bad'", "message": "no such tag"}
            ],
        },
    }
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {
            "policyName": name,
            "validationActions": ["Deny"],
            "matchResources": {
                "namespaceSelector": {
                    "matchLabels": {"kubernetes.io/metadata.name": pipelines.namespace}
                }
            },
        },
    }
    pipelines.apply(service("llm"), service("embedder"))
    for obj in (policy, binding):
        pipelines.cluster.put(obj)
    try:
        denied = {**deepcopy(pipelines.nims()["llm"]), "apiVersion": kinds.NIM_SERVICE.api_version}
        denied = {key: denied[key] for key in ("apiVersion", "kind", "spec")}
        denied["metadata"] = {"name": "try", "namespace": pipelines.namespace}
        denied["spec"]["image"]["tag"] = "bad"
        pipelines.cluster.until(
            lambda: "no such tag" in pipelines.cluster.refusal(denied), "the policy works"
        )
        pipelines.cluster.edit(
            kinds.NIM_PIPELINE,
            pipelines.namespace,
            "rag",
            lambda pipeline: pipeline["spec"]["services"][0]["spec"]["image"].update(tag="bad"),
        )
        pipelines.stage.until(
            lambda: condition(pipelines.found(), "Ready").get("reason") == "ChangeNotApplied",
            "the refusal is told",
            seconds=60,
        )
        assert "llm: " in condition(pipelines.found(), "Ready")["message"]
        assert pipelines.nims()["llm"]["spec"]["image"]["tag"] != "bad"
    finally:
        for obj in (binding, policy):
            plural = f"{obj['kind'].lower().replace('policy', 'policies' if obj is policy else 'policy')}"
            plural += "" if obj is policy else "s"
            path = f"/apis/{group}/v1/{plural}/{name}"
            pipelines.cluster.connection.request("DELETE", path)


@pytest.mark.usefixtures("controller_manager")
@pytest.mark.parametrize("propagation", ["Background", "Foreground"])
def test_it_goes_with_all_that_it_made(pipelines, propagation):
    pipelines.apply(service("llm"), service("embedder"))
    pipelines.delete(propagation)
    made = (kinds.NIM_PIPELINE, kinds.NIM_SERVICE, POD)
    pipelines.stage.until(
        lambda: not any(pipelines.cluster.list(kind, pipelines.namespace) for kind in made),
        "nothing is left",
        seconds=60,
    )


@pytest.mark.usefixtures("controller_manager")
def test_orphaned_its_nimservices_live_on_and_a_new_one_leaves_them_alone(pipelines):
    pipelines.apply(service("llm"))
    uid = pipelines.nims()["llm"]["metadata"]["uid"]
    pipelines.delete("Orphan")
    pipelines.stage.until(
        lambda: not pipelines.cluster.list(kinds.NIM_PIPELINE, pipelines.namespace), "it is gone"
    )
    pipelines.apply(service("llm"))
    pipelines.is_said("ChildNotObserved")
    assert pipelines.nims()["llm"]["metadata"]["uid"] == uid

"""NIMPipelines on a real API server: their definition, edits, taken names and deletions."""

from copy import deepcopy

import pytest

from hooks.cluster.api import ApiError
from hooks.nimpipeline import kinds
from hooks.nimpipeline.api.service import SERVICES
from hooks.preview import installation
from tests.control_plane.cluster import POD, condition, readable
from tests.control_plane.stage import writes_at_rest
from tests.nimpipeline.test_validation import ADMITTED, REFUSED
from tests.situations.nimpipeline import nimpipeline, service
from tests.situations.nimservice import BASE_SPEC

GONE = "apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def definition(most):
    """Return the definition of NIMPipeline for a number of services, under another group."""
    found = (each for each in installation.crds() if each["spec"]["names"]["kind"] == "NIMPipeline")
    crd = deepcopy(next(found))
    crd["spec"]["group"] = "example.com"
    crd["metadata"] = {"name": "nimpipelines.example.com"}
    spec = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["services"]["maxItems"] = most
    return crd


def refused(cluster, obj, path):
    try:
        cluster.connection.request("POST", path, obj, dryRun="All", fieldValidation="Strict")
    except ApiError as error:
        return str(error)
    return ""


def applied(namespace, *services, name="rag"):
    """Return a pipeline as a user applies it."""
    return {**nimpipeline(*services), "metadata": {"name": name, "namespace": namespace}}


def test_one_service_more_would_cost_more_than_the_api_server_admits(cluster):
    """The installed definition was admitted, or no test of this folder would run."""
    assert refused(cluster, definition(SERVICES), f"/{GONE}") == ""
    assert "estimated rule cost exceeds budget" in refused(
        cluster, definition(SERVICES + 1), f"/{GONE}"
    )


def test_names_are_required_and_occur_once(cluster, namespace):
    assert "services[1]: Duplicate value" in cluster.refusal(
        applied(namespace, service("a"), service("a", enabled=False))
    )
    assert "services[0].name: Required value" in cluster.refusal(
        applied(namespace, {"enabled": False})
    )
    assert "Too many" in cluster.refusal(
        applied(namespace, *(service(f"s{number}") for number in range(SERVICES + 1)))
    )
    assert (
        cluster.refusal(applied(namespace, *(service(f"s{number}") for number in range(SERVICES))))
        == ""
    )


@pytest.mark.parametrize("case", {**REFUSED, **ADMITTED})
def test_what_the_hook_checks_is_admitted_in_a_pipeline_and_refused_in_a_nimservice(
    cluster, namespace, case
):
    spec = REFUSED[case][0] if case in REFUSED else ADMITTED[case]
    assert cluster.refusal(applied(namespace, service("a", spec=spec))) == ""
    alone = {
        "apiVersion": kinds.NIM_SERVICE.api_version,
        "kind": kinds.NIM_SERVICE.kind,
        "metadata": {"name": "a", "namespace": namespace},
        "spec": spec,
    }
    assert bool(cluster.refusal(alone)) == (case in REFUSED)


def test_what_may_not_change_may_not_change_in_a_service_whatever_its_place(cluster, namespace):
    cluster.put(applied(namespace, service("a"), service("b")))
    groups = {**BASE_SPEC, "multiNode": {"parallelism": {"pipeline": 2}}}
    with pytest.raises(ApiError, match="immutable"):
        cluster.put(applied(namespace, service("b", spec=groups), service("a")))
    cluster.put(applied(namespace, service("b"), service("a")))
    cluster.delete(kinds.NIM_PIPELINE, namespace, "rag")


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

"""From NVIDIA's operator to the hooks and back, on children as it makes them, with the owners and
fields it gives them."""

import json

import pytest

from hooks.cluster.api import controller_of
from hooks.kernel import lastapplied
from hooks.kernel.observed import condition
from hooks.migration import operator
from hooks.nimservice import kinds
from tests.control_plane.cluster import readable
from tests.control_plane.handover import ONCE, WARM, WARMED, World, make, pods_of
from tests.control_plane.stage import writes_at_rest

CASES = (
    "minimal",
    "cache-profile-one",
    "gateway-http",
    "multinode-mpi",
    "dra-template-name",
    "hpa-min-default",
)
pytestmark = pytest.mark.usefixtures("controller_manager")


@pytest.fixture
def world(stage):
    world = World(stage)
    yield world
    for deployment in world.cluster.list(kinds.DEPLOYMENT, "nvidia"):
        world.cluster.delete(kinds.DEPLOYMENT, "nvidia", deployment["metadata"]["name"])


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
        pods = [pod for child in world.children().values() for pod in pods_of(child)]
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

"""LeaderWorkerSet: runs the model where one replica spans several nodes."""

import pytest

from hooks.nimservice import kinds
from tests.nimservice.children.multinode.grouped import KEY, MPI, RAY, groups, plan
from tests.situations import nimservice as situation


@pytest.mark.parametrize(
    "multi", [None, {"parallelism": {}}, {"parallelism": {"pipeline": 1, "tensor": 8}}]
)
def test_one_node_needs_a_deployment(multi):
    """Q1: the reference makes a Deployment too, then waits for a LeaderWorkerSet for ever."""
    made = {child["kind"]: child for child in plan(multiNode=multi).children}
    assert "LeaderWorkerSet" not in made
    assert (
        made["Service"]["spec"]["selector"] == made["Deployment"]["spec"]["selector"]["matchLabels"]
    )


def test_several_nodes_need_no_deployment():
    made = {child["kind"] for child in plan().children}
    assert "LeaderWorkerSet" in made
    assert "Deployment" not in made


def test_a_group_has_a_pod_for_each_stage():
    made = groups(multiNode=RAY, replicas=2)
    assert made["metadata"]["name"] == "llama-lws"
    template = made["spec"].pop("leaderWorkerTemplate")
    assert made["spec"] == {
        "replicas": 2,
        "startupPolicy": "LeaderCreated",
        "networkConfig": {"subdomainPolicy": "Shared"},
        "rolloutStrategy": {
            "type": "RollingUpdate",
            "rollingUpdateConfiguration": {"maxUnavailable": 1, "maxSurge": 0},
        },
    }
    assert (template["size"], template["restartPolicy"]) == (3, "RecreateGroupOnPodRestart")


def test_there_is_one_group_where_replicas_are_not_given():
    """Q2: the reference fails with an "unrecognized type: int32"."""
    assert groups()["spec"]["replicas"] == 1


def test_the_number_of_groups_stays_when_replicas_are_not_given_any_more():
    """It does not fall back to one."""
    running = situation.applied(groups(replicas=3))
    assert groups(observed=(KEY, running))["spec"]["replicas"] == 3


def test_no_group_is_made_before_its_key_is_observed():
    """Behaviour 4: until then two syncs may make two keys."""
    assert groups(observed=()) is None
    assert {"Secret", "ConfigMap"} <= {child["kind"] for child in plan(observed=()).children}


def test_ray_needs_no_key():
    assert groups(observed=(), multiNode=RAY)


def test_groups_that_run_stay_when_their_key_is_gone():
    running = situation.applied(groups())
    assert groups(observed=(running,)) == groups()


def test_groups_that_run_are_held_while_their_storage_is_not_ready():
    running = situation.applied(groups())
    assert (
        groups(observed=(KEY, running), storage={"nimCache": {"name": "gone"}}, args=["--new"])
        == groups()
    )


def test_no_group_is_made_while_its_storage_is_not_ready():
    assert groups(storage={"nimCache": {"name": "gone"}}) is None


def test_without_its_component_it_is_left_out_and_named():
    managed = [
        kind for kind in kinds.MANAGED if kind not in (kinds.LEADER_WORKER_SET, kinds.SECRET)
    ]
    (finding,) = plan(observed=(), manages=managed).findings
    assert (finding.reason, finding.remedy) == (
        "KindNotManaged",
        "add the component leaderworkerset",
    )


def test_the_service_sends_requests_to_leaders_only():
    made = {
        child["kind"]: child
        for child in plan(labels={"nim-llm-role": "leader", "app": "mine", "team": "nlp"}).children
    }
    leader, worker = (
        made["LeaderWorkerSet"]["spec"]["leaderWorkerTemplate"][template]["metadata"]["labels"]
        for template in ("leaderTemplate", "workerTemplate")
    )
    selector = made["Service"]["spec"]["selector"]
    assert selector == {"app": "llama-lws", "nim-llm-role": "leader"}
    assert selector.items() <= leader.items()
    assert not selector.items() <= worker.items()


def test_groups_that_run_are_held_while_their_compute_domain_is_gone():
    running = situation.applied(groups())
    found = plan(observed=(KEY, running), multiNode={**MPI, "computeDomain": {"name": "rack-1"}})
    assert next(child for child in found.children if child["kind"] == "LeaderWorkerSet") == groups()

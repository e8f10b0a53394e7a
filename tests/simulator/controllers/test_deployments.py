"""Deployments: rollouts, deadlines and quotas, as the cluster's own controller plays them."""

import pytest

from hooks.cluster.api import Object, Resource
from hooks.kernel.observed import condition
from nimservice_simulator.controllers.scenarios import SCENARIOS
from tests.simulator.inside import POD, Cluster
from tests.simulator.lab import DEPLOYMENT, deployment

REPLICA_SET = Resource("apps/v1", "ReplicaSet", "replicasets")


def test_a_deployment_becomes_available() -> None:
    cluster = Cluster()
    cluster.make(deployment("d", replicas=2))
    cluster.settle(30)
    assert cluster.get(DEPLOYMENT, "d")["status"]["unavailableReplicas"] == 2
    assert (
        condition(cluster.get(DEPLOYMENT, "d"), "Available")["reason"]
        == "MinimumReplicasUnavailable"
    )
    cluster.settle()
    found = cluster.get(DEPLOYMENT, "d")
    counts = {
        name: found["status"][name]
        for name in (
            "observedGeneration",
            "replicas",
            "updatedReplicas",
            "readyReplicas",
            "availableReplicas",
        )
    }
    assert set(counts.values()) == {1, 2}
    assert (counts["observedGeneration"], counts["availableReplicas"]) == (1, 2)
    assert condition(found, "Progressing")["reason"] == "NewReplicaSetAvailable"
    assert found["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "1"}
    (owner,) = cluster.server.list(REPLICA_SET)
    for pod in cluster.pods():
        assert pod["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]
        assert (
            pod["metadata"]["labels"]["pod-template-hash"]
            == owner["metadata"]["name"].rpartition("-")[2]
        )
        assert pod["status"]["containerStatuses"][0]["state"]["running"]


def test_an_edit_that_does_not_touch_the_template_keeps_the_pods() -> None:
    cluster = Cluster()
    cluster.make(deployment("d"))
    cluster.settle()
    before = [pod["metadata"]["uid"] for pod in cluster.pods()]
    cluster.server.edit(
        DEPLOYMENT, "default", "d", lambda obj: obj["spec"].update(revisionHistoryLimit=3)
    )
    cluster.settle()
    assert [pod["metadata"]["uid"] for pod in cluster.pods()] == before
    assert cluster.get(DEPLOYMENT, "d")["status"]["observedGeneration"] == 2


@pytest.mark.parametrize(
    ("strategy", "most", "least"),
    [
        (
            {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0}},
            4,
            3,
        ),
        ({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}, 5, 4),
        ({"type": "Recreate"}, 4, 0),
    ],
)
def test_a_rollout_keeps_to_its_strategy(strategy: Object, most: int, least: int) -> None:
    cluster = Cluster()
    cluster.make(deployment("d", replicas=4, strategy=strategy))
    cluster.settle()
    seen: list[tuple[int, int]] = []

    def look(_: object) -> None:
        sets = cluster.server.list(REPLICA_SET)
        seen.append(
            (
                sum(one["spec"]["replicas"] for one in sets),
                sum(one["status"].get("availableReplicas", 0) for one in sets),
            )
        )

    cluster.server.watch(REPLICA_SET, look)
    cluster.server.edit(
        DEPLOYMENT,
        "default",
        "d",
        lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image="image:2"),
    )
    cluster.settle()
    assert max(total for total, _ in seen) == most
    assert min(available for _, available in seen) == least
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {"image:2"}
    assert (
        condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["reason"] == "NewReplicaSetAvailable"
    )


def test_the_deadline_counts_from_the_last_progress_and_a_finished_rollout_has_none() -> None:
    cluster = Cluster("deadline")
    cluster.make(deployment("d", progressDeadlineSeconds=100))
    cluster.settle(99)
    assert condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["status"] == "True"
    cluster.settle(2)
    assert (
        condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["reason"]
        == "ProgressDeadlineExceeded"
    )
    cluster.kubelet.play(SCENARIOS["ready"])
    cluster.settle()
    assert (
        condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["reason"] == "NewReplicaSetAvailable"
    )
    (pod,) = cluster.pods()
    cluster.kubelet.play(SCENARIOS["deadline"])
    cluster.server.delete(POD, "default", pod["metadata"]["name"])
    cluster.settle()
    assert (
        condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["reason"] == "NewReplicaSetAvailable"
    )


def test_a_quota_shows_on_the_deployment() -> None:
    cluster = Cluster("quota")
    cluster.make(deployment("d"))
    cluster.settle()
    assert not cluster.pods()
    failure = condition(cluster.get(DEPLOYMENT, "d"), "ReplicaFailure")
    assert failure["reason"] == "FailedCreate"
    assert failure["message"].startswith('pods "d-')
    assert "exceeded quota" in failure["message"]
    cluster.kubelet.play(SCENARIOS["ready"])
    cluster.settle()
    assert len(cluster.pods()) == 1

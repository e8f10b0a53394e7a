"""Pods: what they wait for, and how they fail, by scenario."""

import pytest

from hooks.kernel.observed import condition
from nimservice_simulator.controllers.scenarios import SCENARIOS
from tests.simulator.inside import POD, Cluster, template, waiting, with_devices
from tests.simulator.lab import DEPLOYMENT, deployment


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [
        ("image-pull", "ImagePullBackOff"),
        ("crash", "CrashLoopBackOff"),
        ("oom", "CrashLoopBackOff"),
        ("missing-secret", "CreateContainerConfigError"),
    ],
)
def test_a_container_waits_and_says_why(scenario: str, reason: str) -> None:
    cluster = Cluster(scenario)
    child = deployment("d")
    child["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "ngc", "key": "k"}}}
    ]
    cluster.make(child)
    cluster.settle()
    (pod,) = cluster.pods()
    assert waiting(pod)["reason"] == reason
    assert condition(pod, "Ready")["status"] == "False"
    if scenario == "missing-secret":
        assert waiting(pod)["message"] == 'secret "ngc" not found'
    if scenario in ("crash", "oom"):
        status = pod["status"]["containerStatuses"][0]
        assert status["restartCount"] == 3
        assert status["lastState"]["terminated"]["exitCode"] == (137 if scenario == "oom" else 1)


def test_nobody_takes_a_pod_without_a_gpu() -> None:
    cluster = Cluster("unschedulable")
    cluster.make(deployment("d"))
    cluster.settle()
    (pod,) = cluster.pods()
    assert condition(pod, "PodScheduled")["reason"] == "Unschedulable"
    assert "Insufficient nvidia.com/gpu" in condition(pod, "PodScheduled")["message"]


def test_a_scheduler_that_fails_says_so_and_leaves_the_pod_without_a_node() -> None:
    cluster = Cluster("scheduler-error")
    cluster.make(deployment("d"))
    cluster.settle()
    (pod,) = cluster.pods()
    assert condition(pod, "PodScheduled")["reason"] == "SchedulerError"
    assert "nodeName" not in pod["spec"]


def test_a_deleted_pod_stops_first_and_is_made_anew() -> None:
    cluster = Cluster()
    cluster.make(deployment("d"))
    cluster.settle()
    (pod,) = cluster.pods()
    cluster.server.delete(POD, "default", pod["metadata"]["name"])
    cluster.kubelet.step()
    assert len(cluster.pods()) == 2, "the new one does not wait for the old one"
    cluster.settle()
    assert [other["metadata"]["uid"] != pod["metadata"]["uid"] for other in cluster.pods()] == [
        True
    ]


def test_repair_brings_back_pods_that_are_not_ready() -> None:
    for scenario in SCENARIOS:
        cluster = Cluster(scenario)
        cluster.make(template())
        cluster.make(with_devices(deployment("d")))
        cluster.settle()
        cluster.kubelet.play(SCENARIOS["ready"])
        cluster.settle()
        assert cluster.get(DEPLOYMENT, "d")["status"]["availableReplicas"] == 1, scenario

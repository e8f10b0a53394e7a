"""Containers: init containers, which run in their order and stay or end."""

from dataclasses import replace

from hooks.kernel.observed import condition
from nimservice_simulator.controllers.scenarios import READY, Ending
from tests.simulator.inside import Cluster, waiting
from tests.simulator.lab import DEPLOYMENT, deployment


def test_init_containers_come_first_in_pods_that_stay() -> None:
    cluster = Cluster()
    child = deployment("d")
    child["spec"]["template"]["spec"]["initContainers"] = [
        {"name": "first", "image": "image:1"},
        {"name": "side", "image": "image:1", "restartPolicy": "Always"},
        {"name": "second", "image": "image:1"},
    ]
    cluster.make(child)
    cluster.settle(26)
    (pod,) = cluster.pods()
    first, side, second = pod["status"]["initContainerStatuses"]
    assert first["state"]["terminated"]["exitCode"] == 0
    assert "running" in side["state"]
    assert "running" in second["state"]
    assert waiting(pod)["reason"] == "PodInitializing"
    cluster.settle()
    (pod,) = cluster.pods()
    assert condition(pod, "Initialized")["status"] == "True"
    assert condition(pod, "Ready")["status"] == "True"
    assert "running" in pod["status"]["initContainerStatuses"][1]["state"]


def test_an_init_container_of_a_pod_that_stays_is_started_again() -> None:
    cluster = Cluster()
    failing = replace(READY, ends=lambda start: Ending(1 if start.failures < 2 else 0, after=5))
    cluster.kubelet.play(failing)
    child = deployment("d")
    child["spec"]["template"]["spec"]["initContainers"] = [{"name": "first", "image": "image:1"}]
    cluster.make(child)
    cluster.settle(30)
    (status,) = cluster.pods()[0]["status"]["initContainerStatuses"]
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    cluster.settle()
    assert cluster.get(DEPLOYMENT, "d")["status"]["availableReplicas"] == 1

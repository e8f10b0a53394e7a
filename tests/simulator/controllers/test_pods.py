"""Pods: what they wait for, and how they fail, by scenario."""

from dataclasses import replace

import pytest

from hooks.cluster.api import Object, Resource
from nimservice_simulator.controllers.scenarios import READY, SCENARIOS, Ending
from tests.simulator.inside import DEVICE, POD, Cluster, condition, template, with_devices
from tests.simulator.lab import DEPLOYMENT, deployment

CLAIM = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")


def waiting(pod: Object) -> Object:
    found: Object = pod["status"]["containerStatuses"][0]["state"]["waiting"]
    return found


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


def claim() -> Object:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "c"},
        "spec": spec,
    }


def with_claim() -> Object:
    child = deployment("d")
    child["spec"]["template"]["spec"]["volumes"] = [
        {"name": "v", "persistentVolumeClaim": {"claimName": "c"}}
    ]
    return child


def test_a_claim_is_bound_and_its_pod_starts() -> None:
    cluster = Cluster("pvc-pending")
    cluster.make(claim())
    cluster.make(with_claim())
    cluster.settle()
    assert cluster.get(CLAIM, "c")["status"] == {"phase": "Pending"}
    assert (
        "unbound immediate PersistentVolumeClaims"
        in condition(cluster.pods()[0], "PodScheduled")["message"]
    )
    cluster.kubelet.play(SCENARIOS["ready"])
    cluster.settle()
    assert cluster.get(CLAIM, "c")["status"]["phase"] == "Bound"
    assert cluster.get(DEPLOYMENT, "d")["status"]["availableReplicas"] == 1


def test_a_deleted_claim_stays_while_a_pod_uses_it() -> None:
    cluster = Cluster()
    cluster.make(claim())
    cluster.make(with_claim())
    cluster.settle()
    cluster.server.delete(CLAIM, "default", "c")
    cluster.settle()
    assert cluster.get(CLAIM, "c")["metadata"]["deletionTimestamp"]
    cluster.server.delete(DEPLOYMENT, "default", "d")
    cluster.settle()
    assert not cluster.server.exists(CLAIM, "default", "c")
    assert not cluster.pods()


def test_a_claim_that_nobody_told_of_is_taken_to_be_met() -> None:
    cluster = Cluster()
    cluster.make(with_claim())
    cluster.settle()
    assert cluster.get(DEPLOYMENT, "d")["status"]["availableReplicas"] == 1


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


def test_a_pod_gets_a_claim_of_its_own_that_goes_with_it() -> None:
    cluster = Cluster()
    cluster.make(template())
    cluster.make(with_devices(deployment("d")))
    cluster.settle()
    (pod,), (made,) = cluster.pods(), cluster.server.list(DEVICE)
    assert made["metadata"]["annotations"] == {"resource.kubernetes.io/pod-claim-name": "gpu"}
    assert made["metadata"]["ownerReferences"][0]["uid"] == pod["metadata"]["uid"]
    assert made["status"]["reservedFor"] == [
        {"resource": "pods", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    ]
    assert made["status"]["allocation"]["devices"]["results"][0]["request"] == "gpu"
    assert pod["status"]["resourceClaimStatuses"] == [
        {"name": "gpu", "resourceClaimName": made["metadata"]["name"]}
    ]
    assert cluster.get(DEPLOYMENT, "d")["status"]["availableReplicas"] == 1
    cluster.server.delete(DEPLOYMENT, "default", "d")
    cluster.settle()
    assert not cluster.server.list(DEVICE)


def test_a_claim_that_no_node_can_meet_keeps_its_pod_waiting() -> None:
    cluster = Cluster("claim-pending")
    cluster.make(template())
    cluster.make(with_devices(deployment("d")))
    cluster.settle()
    assert "cannot allocate all claims" in condition(cluster.pods()[0], "PodScheduled")["message"]
    assert "status" not in cluster.server.list(DEVICE)[0]


def test_repair_brings_back_pods_that_are_not_ready() -> None:
    for scenario in SCENARIOS:
        cluster = Cluster(scenario)
        cluster.make(template())
        cluster.make(with_devices(deployment("d")))
        cluster.settle()
        cluster.kubelet.play(SCENARIOS["ready"])
        cluster.settle()
        assert cluster.get(DEPLOYMENT, "d")["status"]["availableReplicas"] == 1, scenario


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

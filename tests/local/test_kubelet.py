"""Kubelet: the small controllers of a cluster, each as its original behaves towards hooks."""

from typing import Any

import pytest

from hooks.local.api import Object, Resource
from hooks.local.apiserver import ApiServer
from hooks.local.clock import VirtualClock
from hooks.local.cluster.scenarios import SCENARIOS
from hooks.local.kubelet import Kubelet
from tests.local.lab import DEPLOYMENT, SERVICE, deployment, service

POD = Resource("v1", "Pod", "pods")
REPLICA_SET = Resource("apps/v1", "ReplicaSet", "replicasets")
CLAIM = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
NAMESPACE = Resource("v1", "Namespace", "namespaces", namespaced=False)
GROUP = Resource("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "leaderworkersets")
INFERENCE = Resource("serving.kserve.io/v1beta1", "InferenceService", "inferenceservices")
AUTOSCALER = Resource("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
DEVICE = Resource("resource.k8s.io/v1", "ResourceClaim", "resourceclaims")


class Cluster:
    """A server with its inside, and a clock to let pass."""

    def __init__(self, scenario: str = "ready") -> None:
        self.clock = VirtualClock()
        self.server = ApiServer(clock=self.clock)
        self.kubelet = Kubelet(self.server, self.clock, SCENARIOS[scenario])

    def make(self, obj: Object, **metadata: Any) -> Object:
        return self.server.create({**obj, "metadata": {"namespace": "default", **obj["metadata"], **metadata}})

    def settle(self, seconds: float = 3600) -> None:
        """Let everything happen that is to happen within a time."""
        end = self.clock.now().timestamp() + seconds
        self.kubelet.step()
        while (due := self.kubelet.next_due()) and due.timestamp() <= end:
            self.clock.advance_to(due)
            self.kubelet.step()
        self.clock.advance(end - self.clock.now().timestamp())

    def get(self, kind: Resource, name: str) -> Object:
        return self.server.get(kind, "default", name)

    def pods(self) -> list[Object]:
        return self.server.list(POD, "default")


def condition(obj: Object, kind: str) -> Object:
    found: Object = next(entry for entry in obj["status"]["conditions"] if entry["type"] == kind)
    return found


def waiting(pod: Object) -> Object:
    found: Object = pod["status"]["containerStatuses"][0]["state"]["waiting"]
    return found


def test_a_deployment_becomes_available() -> None:
    cluster = Cluster()
    cluster.make(deployment("d", replicas=2))
    cluster.settle(30)
    assert cluster.get(DEPLOYMENT, "d")["status"]["unavailableReplicas"] == 2
    assert condition(cluster.get(DEPLOYMENT, "d"), "Available")["reason"] == "MinimumReplicasUnavailable"
    cluster.settle()
    found = cluster.get(DEPLOYMENT, "d")
    counts = {
        name: found["status"][name] for name in ("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    }
    assert set(counts.values()) == {1, 2}
    assert (counts["observedGeneration"], counts["availableReplicas"]) == (1, 2)
    assert condition(found, "Progressing")["reason"] == "NewReplicaSetAvailable"
    assert found["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "1"}
    (owner,) = cluster.server.list(REPLICA_SET)
    for pod in cluster.pods():
        assert pod["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]
        assert pod["metadata"]["labels"]["pod-template-hash"] == owner["metadata"]["name"].rpartition("-")[2]
        assert pod["status"]["containerStatuses"][0]["state"]["running"]


def test_an_edit_that_does_not_touch_the_template_keeps_the_pods() -> None:
    cluster = Cluster()
    cluster.make(deployment("d"))
    cluster.settle()
    before = [pod["metadata"]["uid"] for pod in cluster.pods()]
    cluster.server.edit(DEPLOYMENT, "default", "d", lambda obj: obj["spec"].update(revisionHistoryLimit=3))
    cluster.settle()
    assert [pod["metadata"]["uid"] for pod in cluster.pods()] == before
    assert cluster.get(DEPLOYMENT, "d")["status"]["observedGeneration"] == 2


@pytest.mark.parametrize(
    ("strategy", "most", "least"),
    [
        ({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0}}, 4, 3),
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
        seen.append((sum(one["spec"]["replicas"] for one in sets), sum(one["status"].get("availableReplicas", 0) for one in sets)))

    cluster.server.watch(REPLICA_SET, look)
    cluster.server.edit(DEPLOYMENT, "default", "d", lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image="image:2"))
    cluster.settle()
    assert max(total for total, _ in seen) == most
    assert min(available for _, available in seen) == least
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {"image:2"}
    assert condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["reason"] == "NewReplicaSetAvailable"


def test_the_deadline_counts_from_the_last_progress_and_a_finished_rollout_has_none() -> None:
    cluster = Cluster("deadline")
    cluster.make(deployment("d", progressDeadlineSeconds=100))
    cluster.settle(99)
    assert condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["status"] == "True"
    cluster.settle(2)
    assert condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["reason"] == "ProgressDeadlineExceeded"
    cluster.kubelet.play(SCENARIOS["ready"])
    cluster.settle()
    assert condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["reason"] == "NewReplicaSetAvailable"
    (pod,) = cluster.pods()
    cluster.kubelet.play(SCENARIOS["deadline"])
    cluster.server.delete(POD, "default", pod["metadata"]["name"])
    cluster.settle()
    assert condition(cluster.get(DEPLOYMENT, "d"), "Progressing")["reason"] == "NewReplicaSetAvailable"


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


def claim() -> Object:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c"}, "spec": spec}


def with_claim() -> Object:
    child = deployment("d")
    child["spec"]["template"]["spec"]["volumes"] = [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]
    return child


def test_a_claim_is_bound_and_its_pod_starts() -> None:
    cluster = Cluster("pvc-pending")
    cluster.make(claim())
    cluster.make(with_claim())
    cluster.settle()
    assert cluster.get(CLAIM, "c")["status"] == {"phase": "Pending"}
    assert "unbound immediate PersistentVolumeClaims" in condition(cluster.pods()[0], "PodScheduled")["message"]
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
    assert [other["metadata"]["uid"] != pod["metadata"]["uid"] for other in cluster.pods()] == [True]


def test_a_load_balancer_gets_an_address_and_loses_it_with_its_type() -> None:
    cluster = Cluster()
    wanted = service("s", {"port": 80})
    wanted["spec"]["type"] = "LoadBalancer"
    cluster.make(wanted)
    assert not cluster.get(SERVICE, "s")["status"]["loadBalancer"]
    cluster.settle()
    assert cluster.get(SERVICE, "s")["status"]["loadBalancer"]["ingress"][0]["ip"]
    cluster.server.edit(SERVICE, "default", "s", lambda obj: obj["spec"].update(type="ClusterIP"))
    cluster.settle()
    assert cluster.get(SERVICE, "s")["status"] == {"loadBalancer": {}}


def group(**template: Any) -> Object:
    pod = {"metadata": {"labels": {"app": "g"}}, "spec": {"containers": [{"name": "main", "image": "image:1"}]}}
    spec = {"replicas": 2, "leaderWorkerTemplate": {"size": 3, "workerTemplate": pod, **template}}
    return {"apiVersion": GROUP.api_version, "kind": GROUP.kind, "metadata": {"name": "g"}, "spec": spec}


def test_groups_of_pods_come_together() -> None:
    cluster = Cluster()
    leader = {"metadata": {"labels": {"app": "g", "role": "leader"}}, "spec": {"containers": [{"name": "main", "image": "image:1"}]}}
    cluster.make(group(leaderTemplate=leader))
    cluster.kubelet.step()
    assert [pod["metadata"]["name"] for pod in cluster.pods()] == ["g-0", "g-0-1", "g-0-2", "g-1", "g-1-1", "g-1-2"]
    assert [pod["metadata"]["labels"].get("role") for pod in cluster.pods()] == ["leader", None, None] * 2
    assert cluster.pods()[1]["spec"]["containers"][0]["env"][0]["value"] == "g-0.g.default"
    cluster.settle()
    status = cluster.get(GROUP, "g")["status"]
    assert (status["replicas"], status["readyReplicas"], status["updatedReplicas"]) == (2, 2, 2)
    assert condition(cluster.get(GROUP, "g"), "Available")["status"] == "True"


def test_groups_are_replaced_one_by_one() -> None:
    cluster = Cluster()
    cluster.make(group())
    cluster.settle()
    ready: list[int] = []
    cluster.server.watch(GROUP, lambda event: ready.append(event.object["status"]["readyReplicas"]))
    change = {"containers": [{"name": "main", "image": "image:2"}]}
    cluster.server.edit(GROUP, "default", "g", lambda obj: obj["spec"]["leaderWorkerTemplate"]["workerTemplate"].update(spec=change))
    cluster.settle()
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {"image:2"}
    assert len(cluster.pods()) == 6
    assert min(ready) == 1
    cluster.server.scale(GROUP, "default", "g", 1)
    cluster.settle()
    assert len(cluster.pods()) == 3


def inference(**annotations: str) -> Object:
    predictor = {
        "minReplicas": 2,
        "containers": [{"name": "kserve-container", "image": "image:1"}],
        "deploymentStrategy": {"type": "Recreate"},
    }
    meta = {"name": "i", "annotations": annotations, "labels": {"team": "x"}}
    return {"apiVersion": INFERENCE.api_version, "kind": INFERENCE.kind, "metadata": meta, "spec": {"predictor": predictor}}


def test_kserve_makes_a_deployment_and_says_when_the_predictor_is_ready() -> None:
    cluster = Cluster()
    cluster.make(inference(**{"serving.kserve.io/deploymentMode": "Knative"}))
    cluster.kubelet.step()
    assert condition(cluster.get(INFERENCE, "i"), "PredictorReady")["status"] == "False"
    cluster.settle()
    found = cluster.get(INFERENCE, "i")
    assert condition(found, "PredictorReady")["status"] == "True"
    assert found["status"]["deploymentMode"] == "Knative"
    assert found["status"]["address"]["url"] == "http://i-predictor.default.svc.cluster.local"
    assert found["status"]["modelStatus"]["copies"]["totalCopies"] == 2
    made = cluster.get(DEPLOYMENT, "i-predictor")
    assert made["spec"]["strategy"] == {"type": "Recreate"}
    assert cluster.pods()[0]["metadata"]["labels"]["serving.kserve.io/inferenceservice"] == "i"
    assert cluster.pods()[0]["metadata"]["labels"]["team"] == "x"


def test_kserve_stops_a_predictor() -> None:
    cluster = Cluster()
    cluster.make(inference())
    cluster.settle()
    stop = {"serving.kserve.io/stop": "true"}
    cluster.server.edit(INFERENCE, "default", "i", lambda obj: obj["metadata"].update(annotations=stop))
    cluster.settle()
    assert not cluster.pods()
    assert condition(cluster.get(INFERENCE, "i"), "PredictorReady")["reason"] == "Stopped"


def test_an_autoscaler_brings_its_target_between_the_bounds_and_leaves_zero_alone() -> None:
    cluster = Cluster()
    cluster.make(deployment("d", replicas=1))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    spec = {"minReplicas": 2, "maxReplicas": 3, "scaleTargetRef": target}
    cluster.make({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}, "spec": spec})
    cluster.settle()
    found = cluster.get(DEPLOYMENT, "d")
    assert found["spec"]["replicas"] == 2
    entry = next(entry for entry in found["metadata"]["managedFields"] if entry["manager"] == "kube-controller-manager")
    assert (entry["subresource"], entry["fieldsV1"]) == ("scale", {"f:spec": {"f:replicas": {}}})
    cluster.server.scale(DEPLOYMENT, "default", "d", 9)
    cluster.settle()
    assert cluster.get(DEPLOYMENT, "d")["spec"]["replicas"] == 3
    cluster.server.scale(DEPLOYMENT, "default", "d", 0)
    cluster.settle()
    assert cluster.get(DEPLOYMENT, "d")["spec"]["replicas"] == 0
    assert condition(cluster.get(AUTOSCALER, "h"), "ScalingActive")["reason"] == "ScalingDisabled"


def with_devices() -> Object:
    child = deployment("d")
    child["spec"]["template"]["spec"] |= {"resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "t"}]}
    return child


def template() -> Object:
    devices = {"requests": [{"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}]}
    return {
        "apiVersion": DEVICE.api_version,
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": "t"},
        "spec": {"spec": {"devices": devices}},
    }


def test_a_pod_gets_a_claim_of_its_own_that_goes_with_it() -> None:
    cluster = Cluster()
    cluster.make(template())
    cluster.make(with_devices())
    cluster.settle()
    (pod,), (made,) = cluster.pods(), cluster.server.list(DEVICE)
    assert made["metadata"]["annotations"] == {"resource.kubernetes.io/pod-claim-name": "gpu"}
    assert made["metadata"]["ownerReferences"][0]["uid"] == pod["metadata"]["uid"]
    assert made["status"]["reservedFor"] == [{"resource": "pods", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}]
    assert made["status"]["allocation"]["devices"]["results"][0]["request"] == "gpu"
    assert pod["status"]["resourceClaimStatuses"] == [{"name": "gpu", "resourceClaimName": made["metadata"]["name"]}]
    assert cluster.get(DEPLOYMENT, "d")["status"]["availableReplicas"] == 1
    cluster.server.delete(DEPLOYMENT, "default", "d")
    cluster.settle()
    assert not cluster.server.list(DEVICE)


def test_a_claim_that_no_node_can_meet_keeps_its_pod_waiting() -> None:
    cluster = Cluster("claim-pending")
    cluster.make(template())
    cluster.make(with_devices())
    cluster.settle()
    assert "cannot allocate all claims" in condition(cluster.pods()[0], "PodScheduled")["message"]
    assert "status" not in cluster.server.list(DEVICE)[0]


def test_a_compute_domain_gets_ready() -> None:
    cluster = Cluster()
    kind = Resource("resource.nvidia.com/v1beta1", "ComputeDomain", "computedomains")
    cluster.make({"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": "c"}, "spec": {"numNodes": 2}})
    cluster.settle()
    status = cluster.get(kind, "c")["status"]
    assert (status["status"], [node["name"] for node in status["nodes"]]) == ("Ready", ["node-1", "node-2"])


def test_routes_are_accepted_and_an_ingress_gets_an_address() -> None:
    cluster = Cluster()
    route = Resource("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes")
    ingress = Resource("networking.k8s.io/v1", "Ingress", "ingresses")
    cluster.make({"apiVersion": route.api_version, "kind": route.kind, "metadata": {"name": "r"}, "spec": {"parentRefs": [{"name": "g"}]}})
    cluster.make({"apiVersion": ingress.api_version, "kind": ingress.kind, "metadata": {"name": "i"}, "spec": {}})
    cluster.settle()
    (parent,) = cluster.get(route, "r")["status"]["parents"]
    assert [(entry["type"], entry["status"]) for entry in parent["conditions"]] == [("Accepted", "True"), ("ResolvedRefs", "True")]
    assert cluster.get(ingress, "i")["status"]["loadBalancer"]["ingress"]


def test_a_deleted_namespace_is_emptied_first() -> None:
    cluster = Cluster()
    cluster.server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
    cluster.make(deployment("d"), namespace="x")
    cluster.settle()
    cluster.server.delete(NAMESPACE, "", "x")
    cluster.settle()
    assert not cluster.server.exists(NAMESPACE, "", "x")
    assert not cluster.server.list(POD)


def test_repair_brings_back_pods_that_are_not_ready() -> None:
    for scenario in SCENARIOS:
        cluster = Cluster(scenario)
        cluster.make(template())
        cluster.make(with_devices())
        cluster.settle()
        cluster.kubelet.play(SCENARIOS["ready"])
        cluster.settle()
        assert cluster.get(DEPLOYMENT, "d")["status"]["availableReplicas"] == 1, scenario

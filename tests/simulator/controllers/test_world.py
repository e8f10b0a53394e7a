"""Cluster: the rest of the small controllers, each as its original behaves towards hooks."""

from typing import Any

from hooks.cluster.api import Object, Resource
from tests.simulator.inside import INFERENCE, POD, Cluster, condition, inference
from tests.simulator.lab import DEPLOYMENT, SERVICE, deployment, service

NAMESPACE = Resource("v1", "Namespace", "namespaces", namespaced=False)
GROUP = Resource("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "leaderworkersets")
AUTOSCALER = Resource("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")


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
    pod = {
        "metadata": {"labels": {"app": "g"}},
        "spec": {"containers": [{"name": "main", "image": "image:1"}]},
    }
    spec = {"replicas": 2, "leaderWorkerTemplate": {"size": 3, "workerTemplate": pod, **template}}
    return {
        "apiVersion": GROUP.api_version,
        "kind": GROUP.kind,
        "metadata": {"name": "g"},
        "spec": spec,
    }


def test_groups_of_pods_come_together() -> None:
    cluster = Cluster()
    leader = {
        "metadata": {"labels": {"app": "g", "role": "leader"}},
        "spec": {"containers": [{"name": "main", "image": "image:1"}]},
    }
    cluster.make(group(leaderTemplate=leader))
    cluster.kubelet.step()
    assert [pod["metadata"]["name"] for pod in cluster.pods()] == [
        "g-0",
        "g-0-1",
        "g-0-2",
        "g-1",
        "g-1-1",
        "g-1-2",
    ]
    assert [pod["metadata"]["labels"].get("role") for pod in cluster.pods()] == [
        "leader",
        None,
        None,
    ] * 2
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
    cluster.server.edit(
        GROUP,
        "default",
        "g",
        lambda obj: obj["spec"]["leaderWorkerTemplate"]["workerTemplate"].update(spec=change),
    )
    cluster.settle()
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {"image:2"}
    assert len(cluster.pods()) == 6
    assert min(ready) == 1
    cluster.server.scale(GROUP, "default", "g", 1)
    cluster.settle()
    assert len(cluster.pods()) == 3


def test_kserve_stops_a_predictor() -> None:
    cluster = Cluster()
    cluster.make(inference())
    cluster.settle()
    stop = {"serving.kserve.io/stop": "true"}
    cluster.server.edit(
        INFERENCE, "default", "i", lambda obj: obj["metadata"].update(annotations=stop)
    )
    cluster.settle()
    assert not cluster.pods()
    assert condition(cluster.get(INFERENCE, "i"), "PredictorReady")["reason"] == "Stopped"


def test_an_autoscaler_brings_its_target_between_the_bounds_and_leaves_zero_alone() -> None:
    cluster = Cluster()
    cluster.make(deployment("d", replicas=1))
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    spec = {"minReplicas": 2, "maxReplicas": 3, "scaleTargetRef": target}
    cluster.make(
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "h"},
            "spec": spec,
        }
    )
    cluster.settle()
    found = cluster.get(DEPLOYMENT, "d")
    assert found["spec"]["replicas"] == 2
    entry = next(
        entry
        for entry in found["metadata"]["managedFields"]
        if entry["manager"] == "kube-controller-manager"
    )
    assert (entry["subresource"], entry["fieldsV1"]) == ("scale", {"f:spec": {"f:replicas": {}}})
    cluster.server.scale(DEPLOYMENT, "default", "d", 9)
    cluster.settle()
    assert cluster.get(DEPLOYMENT, "d")["spec"]["replicas"] == 3
    cluster.server.scale(DEPLOYMENT, "default", "d", 0)
    cluster.settle()
    assert cluster.get(DEPLOYMENT, "d")["spec"]["replicas"] == 0
    assert condition(cluster.get(AUTOSCALER, "h"), "ScalingActive")["reason"] == "ScalingDisabled"


def test_a_compute_domain_gets_ready() -> None:
    cluster = Cluster()
    kind = Resource("resource.nvidia.com/v1beta1", "ComputeDomain", "computedomains")
    cluster.make(
        {
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "metadata": {"name": "c"},
            "spec": {"numNodes": 2},
        }
    )
    cluster.settle()
    status = cluster.get(kind, "c")["status"]
    assert (status["status"], [node["name"] for node in status["nodes"]]) == (
        "Ready",
        ["node-1", "node-2"],
    )


def test_routes_are_accepted_and_an_ingress_gets_an_address() -> None:
    cluster = Cluster()
    route = Resource("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes")
    ingress = Resource("networking.k8s.io/v1", "Ingress", "ingresses")
    cluster.make(
        {
            "apiVersion": route.api_version,
            "kind": route.kind,
            "metadata": {"name": "r"},
            "spec": {"parentRefs": [{"name": "g"}]},
        }
    )
    cluster.make(
        {
            "apiVersion": ingress.api_version,
            "kind": ingress.kind,
            "metadata": {"name": "i"},
            "spec": {},
        }
    )
    cluster.settle()
    (parent,) = cluster.get(route, "r")["status"]["parents"]
    assert [(entry["type"], entry["status"]) for entry in parent["conditions"]] == [
        ("Accepted", "True"),
        ("ResolvedRefs", "True"),
    ]
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

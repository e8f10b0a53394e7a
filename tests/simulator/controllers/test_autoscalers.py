"""Autoscalers: a target within its bounds."""

from hooks.cluster.api import Resource
from hooks.kernel.observed import condition
from tests.simulator.inside import Cluster
from tests.simulator.lab import DEPLOYMENT, deployment

AUTOSCALER = Resource("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")


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

"""Storage: claims that are bound, and that stay while a pod uses them."""

from hooks.cluster.api import Object, Resource
from hooks.kernel.observed import condition
from nimservice_simulator.controllers.scenarios import SCENARIOS
from tests.simulator.inside import Cluster
from tests.simulator.lab import DEPLOYMENT, deployment

CLAIM = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")


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

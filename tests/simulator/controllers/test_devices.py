"""Devices: claims on them and ComputeDomains, as their drivers play them."""

from hooks.cluster.api import Resource
from hooks.kernel.observed import condition
from tests.simulator.inside import DEVICE, Cluster, template, with_devices
from tests.simulator.lab import DEPLOYMENT, deployment


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

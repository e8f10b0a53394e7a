"""Volume: what the claim on storage knows when pods do not."""

from typing import Any

from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.situations import nimservice as situation
from tests.situations import pods, stored
from tests.situations.nimcache import nimcache

CREATED = situation.nimservice(
    storage={"pvc": {"create": True, "size": "50Gi", "storageClass": "fast"}}
)


def claim(phase: str, **annotations: str) -> JSON:
    made = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": "llama-pvc",
            "namespace": stored.NAMESPACE,
            "annotations": {
                f"volume.kubernetes.io/{key}": each for key, each in annotations.items()
            },
        },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "50Gi"}},
            "storageClassName": "fast",
            "volumeName": "pvc-1" if phase == "Lost" else "",
        },
    }
    return situation.applied(made, status={"phase": phase})


def of_claim(phase: str, *related: JSON) -> Finding | None:
    return cause.worst(pods.context(*related, observed=[claim(phase)], nim=CREATED))


def test_a_claim_that_waits_tells_its_class_and_size() -> None:
    assert of_claim("Pending") == Finding(
        "PersistentVolumeClaimPending",
        "PersistentVolumeClaim llama-pvc waits for 50Gi from StorageClass fast",
        "check that the StorageClass exists, or see kubectl describe pvc llama-pvc -n nim",
    )


def test_a_claim_with_a_provisioner_does_not_doubt_its_class() -> None:
    made = claim("Pending", **{"storage-provisioner": "ebs.csi.aws.com"})
    assert cause.worst(pods.context(observed=[made], nim=CREATED)) == Finding(
        "PersistentVolumeClaimPending",
        "PersistentVolumeClaim llama-pvc waits for 50Gi from StorageClass fast, "
        "made by ebs.csi.aws.com",
        "check that ebs.csi.aws.com runs, or see kubectl describe pvc llama-pvc -n nim",
    )


def test_a_volume_that_is_made_for_a_chosen_node_outweighs_the_earlier_lack_of_nodes() -> None:
    short = pods.pod(
        scheduled=pods.unscheduled("0/1 nodes are available: 1 Insufficient nvidia.com/gpu."),
        nim=CREATED,
    )
    made = claim("Pending", **{"selected-node": "gpu-node-7"})
    assert cause.worst(pods.context(short, observed=[made], nim=CREATED)) == Finding(
        "VolumeProvisioning",
        "PersistentVolumeClaim llama-pvc waits for 50Gi from StorageClass fast, "
        "which is being made for node gpu-node-7",
        "see kubectl describe pvc llama-pvc -n nim if this lasts",
    )


def test_a_claim_that_waits_for_its_pod_is_not_the_cause() -> None:
    short = pods.pod(
        scheduled=pods.unscheduled("0/1 nodes are available: 1 Insufficient nvidia.com/gpu."),
        nim=CREATED,
    )
    found = of_claim("Pending", short)
    assert found is not None
    assert found.reason == "Unschedulable"


def test_a_claim_that_lost_its_volume_is_told() -> None:
    found = of_claim("Lost")
    assert found is not None
    assert found.reason == "PersistentVolumeClaimLost"
    assert found.message.startswith("PersistentVolumeClaim llama-pvc has lost its volume pvc-1")


def test_a_bound_claim_is_no_trouble() -> None:
    assert of_claim("Bound") is None


def test_a_claim_that_is_only_kept_is_no_trouble() -> None:
    assert cause.worst(pods.context(observed=[claim("Pending")])) is None


CACHE = nimcache(
    pvc="cache-pvc",
    spec={"storage": {"pvc": {"create": True, "volumeAccessMode": "ReadWriteOnce"}}},
)


def on(node: str, *statuses: JSON, **given: Any) -> JSON:
    called = f"llama-{pods.NEW}-{node}"
    return pods.pod(*statuses, name=called, spec={"nodeName": node}, nim=CREATED, **given)


WAITING = pods.waiting("ContainerCreating")


def of_pods(*given: JSON) -> str:
    found = of_claim("Bound", *given)
    assert found is not None
    return found.reason


def test_a_claim_for_one_node_that_pods_on_two_want_names_both() -> None:
    """Kubernetes tells it in an event only."""
    assert of_claim("Bound", on("a", pods.serving()), on("b", WAITING)) == Finding(
        "VolumeOnAnotherNode",
        "One node at a time can mount PersistentVolumeClaim llama-pvc (ReadWriteOnce), and pods on "
        "a, b need it",
        "use a claim with the access mode ReadWriteMany, or keep the pods on one node by "
        "spec.affinity",
    )


def test_pods_on_one_node_share_such_a_claim() -> None:
    assert of_pods(on("a", pods.serving()), on("a", WAITING)) == "ContainerCreating"


def test_a_pod_that_pulls_its_image_has_its_volumes() -> None:
    pulling = on("b", WAITING, conditions={"PodReadyToStartContainers": "True"})
    assert of_pods(on("a", pods.serving()), pulling) == "ContainerCreating"


def test_a_pod_may_take_a_while_to_mount() -> None:
    young = on("b", WAITING)
    for each in young["status"]["conditions"]:
        each["lastTransitionTime"] = stored.stamp(stored.ago(seconds=5))
    assert of_pods(on("a", pods.serving()), young) == "ContainerCreating"


def test_a_pod_that_ends_gives_the_claim_back() -> None:
    ending = on("a", pods.serving(), metadata={"deletionTimestamp": stored.stamp(stored.NOW)})
    assert of_pods(ending, on("b", WAITING)) == "ContainerCreating"


def test_the_claim_of_a_nimcache_is_known_by_its_access_mode() -> None:
    waiting, workload = [on("a", pods.serving()), on("b", WAITING)], pods.deployment(CREATED)
    for spec in (*(each["spec"] for each in waiting), workload["spec"]["template"]["spec"]):
        for each in spec["volumes"]:
            if "persistentVolumeClaim" in each:
                each["persistentVolumeClaim"]["claimName"] = "cache-pvc"
    storage = {"nimCache": {"name": "cache"}}
    found = cause.worst(situation.context([workload], [CACHE, *waiting], storage=storage))
    assert found is not None
    assert found.reason == "VolumeOnAnotherNode"

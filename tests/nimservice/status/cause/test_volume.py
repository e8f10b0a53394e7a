"""Volume: what the claim on storage knows when pods do not."""

from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.situations import nimservice as situation
from tests.situations import pods, stored
from tests.situations.stored import JSON

CREATED = situation.nimservice(
    storage={"pvc": {"create": True, "size": "50Gi", "storageClass": "fast"}}
)


def claim(phase: str) -> JSON:
    made = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "llama-pvc", "namespace": stored.NAMESPACE},
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

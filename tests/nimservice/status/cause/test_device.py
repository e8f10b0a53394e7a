"""Device: what claims on devices know when pods do not."""

from typing import Any

from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.nimservice import kinds
from hooks.nimservice.status import cause
from tests.situations import pods, stored


def device_claim(name: str, **status: Any) -> JSON:
    metadata = {"name": name, "namespace": stored.NAMESPACE, "uid": name}
    return {
        "apiVersion": kinds.RESOURCE_CLAIM.api_version,
        "kind": "ResourceClaim",
        "metadata": metadata,
        "spec": {},
        "status": status,
    }


def test_claims_on_devices_that_wait_are_named() -> None:
    pod = pods.pod(resourceClaimStatuses=[{"name": "gpu", "resourceClaimName": "llama-gpu-x2x4z"}])
    related = [device_claim("llama-gpu-x2x4z"), device_claim("somebody-elses")]
    assert cause.worst(pods.context(pod, related=related)) == Finding(
        "ResourceClaimPending",
        "ResourceClaim llama-gpu-x2x4z has no devices yet",
        "check that nodes offer the devices of spec.draResources and spec.multiNode.computeDomain",
    )


def test_claims_with_devices_are_no_trouble() -> None:
    pod = pods.pod(resourceClaimStatuses=[{"name": "gpu", "resourceClaimName": "llama-gpu-x2x4z"}])
    related = [device_claim("llama-gpu-x2x4z", allocation={"devices": {"results": []}})]
    assert cause.worst(pods.context(pod, related=related)) is None

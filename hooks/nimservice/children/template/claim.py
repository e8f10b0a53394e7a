"""Claim: how a pod and its containers state their claims on devices (Dynamic Resource Allocation)."""

from collections.abc import Iterable, Iterator

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.device.claim import DeviceClaim


def entries(claims: Iterable[DeviceClaim]) -> list[Manifest]:
    """Return a pod's ``resourceClaims``."""
    return [{"name": claim.name, claim.source: claim.resource} for claim in claims]


def used(container: Manifest, claims: Iterable[DeviceClaim]) -> Manifest:
    """Return a container that uses the claims; model server and sidecars share them, init containers get none."""
    uses = [_use(claim) for claim in claims]
    return (
        {**container, "resources": {**(container.get("resources") or {}), "claims": uses}}
        if uses
        else container
    )


def exceptions(nim: NIMService) -> Iterator[Finding]:
    """Yield the claims of which the containers get more than they ask for."""
    for index, entry in enumerate(nim.spec.dra_resources):
        asked = set(entry.requests)
        offered = (
            {device.name for device in entry.claim_creation_spec.devices}
            if entry.claim_creation_spec
            else set()
        )
        if len(asked) > 1 and asked != offered:
            yield Finding(
                "WholeClaimUsed",
                f"spec.draResources[{index}].requests: Kubernetes merges the claims of a container by name, which leaves room for one"
                " request or the whole claim: the containers get the whole claim; name one request, or make a claim of its own for each",
            )


def _use(claim: DeviceClaim) -> Manifest:
    # The list is a map by name: an entry for each request would be refused by server-side apply and by the CRDs that embed pods.
    return (
        {"name": claim.name, "request": claim.requests[0]}
        if len(claim.requests) == 1
        else {"name": claim.name}
    )

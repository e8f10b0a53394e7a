"""Claim: the device claims of a pod and its containers (Dynamic Resource Allocation)."""

from collections.abc import Iterable, Iterator

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.device.claim import DeviceClaim


def entries(claims: Iterable[DeviceClaim]) -> list[Manifest]:
    """Return a pod's ``resourceClaims``."""
    return [{"name": claim.name, claim.source: claim.resource} for claim in claims]


def used(container: Manifest, claims: Iterable[DeviceClaim]) -> Manifest:
    """Return a container that uses the claims; model server and sidecars share them."""
    uses = [_use(claim) for claim in claims]
    return (
        {**container, "resources": {**(container.get("resources") or {}), "claims": uses}}
        if uses
        else container
    )


def exceptions(nim: NIMService) -> Iterator[Finding]:
    """Yield a finding for each claim of which the containers get more than they request."""
    for index, entry in enumerate(nim.spec.dra_resources):
        requested = set(entry.requests)
        offered = (
            {device.name for device in entry.claim_creation_spec.devices}
            if entry.claim_creation_spec
            else set()
        )
        if len(requested) > 1 and requested != offered:
            yield Finding(
                "WholeClaimUsed",
                "a container can use one request of a claim or the whole claim, so the containers "
                "get the whole claim",
                "name one request, or use one claim for each",
                path=f"spec.draResources[{index}].requests",
            )


def _use(claim: DeviceClaim) -> Manifest:
    # The list is a map by name. Server-side apply, and CRDs that embed pods, would refuse one entry
    # for each request.
    return (
        {"name": claim.name, "request": claim.requests[0]}
        if len(claim.requests) == 1
        else {"name": claim.name}
    )

"""Device: what became of the claims on devices, and of the ComputeDomain that the pods share."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds
from hooks.nimservice.context import Context
from hooks.nimservice.device.claim import DeviceClaim

POD_CLAIM = "resource.kubernetes.io/pod-claim-name"
"""Annotation of a ResourceClaim that was made for a pod: the claim's name within the pod."""


def claims(ctx: Context) -> list[Manifest]:
    """Return ``status.draResourceStatuses``, in the order of the pods' claims; nothing where ResourceClaims are not read."""
    if kinds.RESOURCE_CLAIM.group_key not in ctx.request.related:
        return []
    return [status for claim in ctx.device_claims for status in _status(ctx, claim)]


def domain(ctx: Context) -> Manifest | None:
    """Return ``status.computeDomainStatus``, or None where no ComputeDomain is observed."""
    observed = ctx.compute_domain
    if observed is None:
        return None
    status = observed.get("status") or {}
    nodes = sorted(status.get("nodes") or [], key=lambda node: str(node.get("name")))
    return {
        "name": observed["metadata"]["name"],
        "status": status.get("status") or "NotReady",
        "nodes": [
            {
                "name": node.get("name"),
                "cliqueID": node.get("cliqueID") or None,
                "status": node.get("status") or "NotReady",
            }
            for node in nodes
        ],
    }


def _status(ctx: Context, claim: DeviceClaim) -> Iterator[Manifest]:
    if claim.source == "resourceClaimTemplateName":
        made = [_state(each) for each in _made_for(ctx, claim)]
        yield {
            "name": claim.name,
            "resourceClaimTemplateStatus": {"name": claim.resource, "resourceClaimStatuses": made},
        }
    elif shared := ctx.related_named(kinds.RESOURCE_CLAIM, claim.resource):
        yield {"name": claim.name, "resourceClaimStatus": _state(shared)}


def _made_for(ctx: Context, claim: DeviceClaim) -> list[Manifest]:
    """Return the ResourceClaims that were made for our pods, the oldest first."""
    pods = {pod["metadata"].get("uid") for pod in ctx.pods}
    named = [
        each
        for each in ctx.related(kinds.RESOURCE_CLAIM).values()
        if _pod_claim(each) == claim.name
    ]
    # Where pods are not read, the name has to do: it holds a hash of the NIMService's.
    ours = [each for each in named if pods & _owners(each)] if pods else named
    return sorted(
        ours,
        key=lambda each: (str(each["metadata"].get("creationTimestamp")), each["metadata"]["name"]),
    )


def _pod_claim(claim: Manifest) -> str | None:
    return (claim["metadata"].get("annotations") or {}).get(POD_CLAIM)


def _owners(claim: Manifest) -> set[str | None]:
    return {owner.get("uid") for owner in claim["metadata"].get("ownerReferences") or []}


def _state(claim: Manifest) -> Manifest:
    status = claim.get("status") or {}
    deleted, allocated = (
        bool(claim["metadata"].get("deletionTimestamp")),
        bool(status.get("allocation")),
    )
    words = {
        "deleted": deleted,
        "pending": not allocated and not deleted,
        "allocated": allocated,
        "reserved": allocated and bool(status.get("reservedFor")),
    }
    return {
        "name": claim["metadata"]["name"],
        "state": ",".join(word for word, holds in words.items() if holds),
    }

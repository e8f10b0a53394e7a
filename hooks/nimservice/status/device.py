"""Device: the state of the ResourceClaims and of the ComputeDomain of the pods."""

from collections.abc import Iterator

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import annotations, deleted, mappings, metadata, name, status, text
from hooks.nimservice import kinds
from hooks.nimservice.context import Context
from hooks.nimservice.device.claim import DeviceClaim

POD_CLAIM = "resource.kubernetes.io/pod-claim-name"
"""Annotation of a ResourceClaim made for a pod: its name within the pod."""


def claims(ctx: Context) -> list[Manifest]:
    """Return ``status.draResourceStatuses`` in the order of claims; [] if they are not read."""
    if kinds.RESOURCE_CLAIM.group_key not in ctx.request.related:
        return []
    return [status for claim in ctx.device_claims for status in _status(ctx, claim)]


def domain(ctx: Context) -> Manifest | None:
    """Return ``status.computeDomainStatus``, or None without an observed ComputeDomain."""
    observed = ctx.compute_domain
    if observed is None:
        return None
    found = status(observed)
    return {
        "name": name(observed),
        "status": _word(found.get("status")) or "NotReady",
        "nodes": sorted(
            map(_node, mappings(found.get("nodes"))), key=lambda node: str(node["name"])
        ),
    }


def _node(node: Manifest) -> Manifest:
    return {
        "name": _word(node.get("name")) or None,
        "cliqueID": _word(node.get("cliqueID")) or None,
        "status": _word(node.get("status")) or "NotReady",
    }


def _word(given: object) -> str:
    """Return a text without what a terminal would obey; empty if it is none."""
    return prose.one_line(text(given))


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
    """Return the ResourceClaims made for our pods, the oldest first."""
    pods = {text(metadata(pod).get("uid")) for pod in ctx.pods} - {""}
    named = [
        each
        for each in ctx.related(kinds.RESOURCE_CLAIM).values()
        if _pod_claim(each) == claim.name
    ]
    # Where pods are not read, the name has to do: it holds a hash of the NIMService's.
    ours = [each for each in named if pods & _owners(each)] if pods else named
    return sorted(
        ours,
        key=lambda each: (text(metadata(each).get("creationTimestamp")), name(each)),
    )


def _pod_claim(claim: Manifest) -> str:
    return text(annotations(claim).get(POD_CLAIM))


def _owners(claim: Manifest) -> set[str]:
    return {text(owner.get("uid")) for owner in mappings(metadata(claim).get("ownerReferences"))}


def _state(claim: Manifest) -> Manifest:
    found = status(claim)
    gone, allocated = deleted(claim), bool(found.get("allocation"))
    words = {
        "deleted": gone,
        "pending": not allocated and not gone,
        "allocated": allocated,
        "reserved": allocated and bool(found.get("reservedFor")),
    }
    return {
        "name": name(claim),
        "state": ",".join(word for word, holds in words.items() if holds),
    }

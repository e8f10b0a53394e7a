"""Device: ResourceClaims of the pods without allocated devices."""

from collections.abc import Iterator

from hooks.kernel import prose
from hooks.kernel.observed import mapping, mappings, name, status, text
from hooks.kernel.pod.trouble import Explanation, Trouble
from hooks.nimservice import kinds
from hooks.nimservice.context import Context


def troubles(ctx: Context) -> Iterator[Trouble]:
    """Yield the claims without devices, if the hooks read claims."""
    related = ctx.related(kinds.RESOURCE_CLAIM)
    if not related:
        return
    mine = set(_claimed(ctx))
    pending = [
        name(claim)
        for _, claim in sorted(related.items())
        if name(claim) in mine and not status(claim).get("allocation")
    ]
    if pending:
        yield Trouble(
            "ResourceClaimPending", lambda: _pending(pending), pods=len(pending), name=pending[0]
        )


def _claimed(ctx: Context) -> Iterator[str]:
    """Yield the names of the pods' claims, from the status and the spec of the pods."""
    for pod in ctx.pods:
        for each in mappings(status(pod).get("resourceClaimStatuses")):
            yield text(each.get("resourceClaimName"))
        for each in mappings(mapping(pod.get("spec")).get("resourceClaims")):
            yield text(each.get("resourceClaimName"))


def _pending(names: list[str]) -> Explanation:
    which = (
        f"ResourceClaim {names[0][:253]} has"
        if len(names) == 1
        else f"{len(names)} ResourceClaims ({prose.listed(names)}) have"
    )
    return Explanation(
        f"{which} no devices yet",
        "check that nodes offer the devices of spec.draResources and spec.multiNode.computeDomain",
    )

"""Route: whether Gateways take the routes and pools that lead to the model."""

from collections.abc import Iterator

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, name, number, status, text
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context

ASPECTS = {
    "Accepted": ("RouteNotAccepted", "is not accepted", "check the Gateway's listeners"),
    "ResolvedRefs": (
        "RouteNotResolved",
        "refers to what cannot be used",
        "create what it names, or grant the reference",
    ),
    "Programmed": ("RouteNotProgrammed", "is not carried out", "look at the Gateway"),
}
"""For each condition of a parent: our reason, what it means, what to do."""

_REMEDIES = {
    "NotAllowedByListeners": "let the Gateway's listeners allow routes of this namespace (allowedRoutes)",
    "NoMatchingListenerHostname": "give the Gateway a listener for the route's host name, or correct spec.expose.router.hostDomainName",
    "NoMatchingParent": "correct spec.expose.router.gateway",
    "RefNotPermitted": "allow it with a ReferenceGrant in the namespace that is referred to",
    "BackendNotFound": "create it, or correct spec.expose.router.gateway.backendRef",
}
"""What to do by the reason of the Gateway API."""


def warnings(ctx: Context, *, serving: bool) -> Iterator[Finding]:
    """Yield what Gateways say against each route.

    Args:
        ctx: the context.
        serving: whether the model serves; before that, a route without an answer is merely new.
    """
    for kind in (kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.INFERENCE_POOL):
        route = ctx.child(kind, naming.workload(ctx.nim))
        if route is None:
            continue
        parents = mappings(status(route).get("parents"))
        yield from (_warning(kind.kind, route, *found) for found in _refusals(route, parents))
        if serving and not parents and kind is not kinds.INFERENCE_POOL:
            yield _ignored(kind.kind, route)


def _refusals(route: Manifest, parents: list[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Yield the first condition of each parent that speaks against the route as it is now."""
    generation = number(mapping(route.get("metadata")).get("generation"))
    for parent in parents:
        for each in mappings(parent.get("conditions")):
            current = number(each.get("observedGeneration"), generation) >= generation
            if current and each.get("type") in ASPECTS and each.get("status") == "False":
                yield parent, each
                break


def _warning(kind: str, route: Manifest, parent: Manifest, found: Manifest) -> Finding:
    reason, what, remedy = ASPECTS[found["type"]]
    said = ": ".join(
        filter(
            None,
            (prose.of(text(found.get("reason")), 64), prose.of(text(found.get("message")), 200)),
        )
    )
    remedy = _REMEDIES.get(text(found.get("reason")), remedy)
    return Finding(
        reason,
        f"{kind} {name(route)[:253]} {what} by {_parent(mapping(parent.get('parentRef')))}{prose.quoted(said)}: {remedy}",
    )


def _ignored(kind: str, route: Manifest) -> Finding:
    wanted = (
        ", ".join(
            _parent(each) for each in mappings(mapping(route.get("spec")).get("parentRefs"))[:2]
        )
        or "Gateway"
    )
    return Finding(
        "RouteIgnored",
        f"{kind} {name(route)[:253]} has no answer from {wanted}: check that it exists and its class has a controller",
    )


def _parent(ref: Manifest) -> str:
    namespace = text(ref.get("namespace"))[:63]
    return f"{text(ref.get('kind'))[:63] or 'Gateway'} {f'{namespace}/' if namespace else ''}{text(ref.get('name'))[:253]}"

"""Route: what Gateways report against the routes and pools of the model."""

from collections.abc import Iterator

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, metadata, name, number, status, text
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context

ASPECTS = {
    "Accepted": ("RouteNotAccepted", "does not accept", "check the Gateway's listeners"),
    "ResolvedRefs": (
        "RouteNotResolved",
        "cannot resolve a reference of",
        "create the missing object, or grant the reference",
    ),
    "Programmed": ("RouteNotProgrammed", "has not programmed", "check the Gateway"),
}
"""For each condition of a parent: our reason, what the Gateway does, and the remedy."""

_REMEDIES = {
    "NotAllowedByListeners": (
        "allow routes of this namespace in the Gateway's listeners (allowedRoutes)"
    ),
    "NoMatchingListenerHostname": (
        "give the Gateway a listener for the route's host name, "
        "or correct spec.expose.router.hostDomainName"
    ),
    "NoMatchingParent": "correct spec.expose.router.gateway",
    "RefNotPermitted": "add a ReferenceGrant to the referenced namespace",
    "BackendNotFound": "create the backend, or correct spec.expose.router.gateway.backendRef",
}
"""The remedy for each reason of the Gateway API."""


def warnings(ctx: Context, *, serving: bool) -> Iterator[Finding]:
    """Yield what Gateways report against each route.

    Args:
        ctx: the context.
        serving: whether the model serves; until then, a route without an answer may just be new.
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
    """Yield each parent with its first negative condition on the route's current generation."""
    generation = number(metadata(route).get("generation"))
    for parent in parents:
        for each in mappings(parent.get("conditions")):
            current = number(each.get("observedGeneration"), generation) >= generation
            if current and text(each.get("type")) in ASPECTS and each.get("status") == "False":
                yield parent, each
                break


def _warning(kind: str, route: Manifest, parent: Manifest, found: Manifest) -> Finding:
    reason, does, remedy = ASPECTS[found["type"]]
    said = prose.reported(text(found.get("reason")), text(found.get("message")), 200)
    remedy = _REMEDIES.get(text(found.get("reason")), remedy)
    gateway = _parent(mapping(parent.get("parentRef")))
    return Finding(
        reason,
        f"{gateway} {does} {kind} {name(route)[:253]}{prose.quoted(said)}",
        remedy,
    )


def _ignored(kind: str, route: Manifest) -> Finding:
    wanted = (
        ", ".join(
            _parent(each) for each in mappings(mapping(route.get("spec")).get("parentRefs"))[:2]
        )
        or "The Gateway"
    )
    return Finding(
        "RouteIgnored",
        f"{wanted} has not answered {kind} {name(route)[:253]}",
        "check that the Gateway exists and that its class has a controller",
    )


def _parent(ref: Manifest) -> str:
    kind, namespace = text(ref.get("kind"))[:63] or "Gateway", text(ref.get("namespace"))[:63]
    return f"{kind} {f'{namespace}/' if namespace else ''}{text(ref.get('name'))[:253]}"

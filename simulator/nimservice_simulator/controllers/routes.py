"""Routes: gateways that accept every route, and an address for every Ingress."""

from functools import partial

from hooks.cluster.api import Object, Resource, is_deleting
from nimservice_simulator.controllers.network import ADDRESS
from nimservice_simulator.controllers.world import World, condition

INGRESS = Resource("networking.k8s.io/v1", "Ingress", "ingresses")
MANAGER = "gateway-controller"
_ROUTES = (
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("gateway.networking.k8s.io/v1", "GRPCRoute"),
)


class Routes:
    """Accepts routes and pools, and carries Ingresses."""

    kinds = ("HTTPRoute", "GRPCRoute", "Ingress")

    def reconcile(self, world: World) -> None:
        """Report each route as accepted, and give each Ingress an address after a while."""
        for kind in _ROUTES:
            for route in world.all(*kind):
                if not is_deleting(route):
                    world.set_status(
                        route,
                        {
                            "parents": [
                                _accepted(route, parent, world.now())
                                for parent in route["spec"].get("parentRefs") or []
                            ]
                        },
                        MANAGER,
                    )
        for ingress in world.server.list(INGRESS):
            uid = ingress["metadata"]["uid"]
            if (
                not ingress["status"]["loadBalancer"]
                and not is_deleting(ingress)
                and not world.is_pending(uid)
            ):
                world.after(5, uid, partial(world.edit, ingress, _address, "ingress-controller"))


def _accepted(route: Object, parent: Object, now: str) -> Object:
    known = (
        entry
        for entry in (route.get("status") or {}).get("parents") or []
        if entry["parentRef"] == parent
    )
    before, generation = next(known, None), route["metadata"]["generation"]
    conditions = [
        {
            **condition(
                before, {"type": kind, "status": "True", "reason": kind, "message": ""}, now
            ),
            "observedGeneration": generation,
        }
        for kind in ("Accepted", "ResolvedRefs")
    ]
    return {
        "controllerName": "example.com/gateway-controller",
        "parentRef": parent,
        "conditions": conditions,
    }


def _address(ingress: Object) -> None:
    ingress["status"]["loadBalancer"] = {"ingress": [{"ip": ADDRESS}]}

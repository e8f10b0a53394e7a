"""Network: gives load balancers their addresses."""

from hooks.cluster.api import Object, Resource, is_deleting
from nimservice_simulator.controllers.world import World

SERVICE = Resource("v1", "Service", "services")
MANAGER = "cloud-controller-manager"
ADDRESS = "203.0.113.10"


class Network:
    """Puts an address on every Service of type LoadBalancer after a while."""

    kinds = ("Service",)

    def reconcile(self, world: World) -> None:
        """Give each new load balancer its address."""
        for service in world.server.list(SERVICE):
            uid = service["metadata"]["uid"]
            waits = service["spec"]["type"] == "LoadBalancer" and not service["status"][
                "loadBalancer"
            ].get("ingress")
            if waits and not is_deleting(service) and not world.is_pending(uid):
                world.after(5, uid, lambda service=service: world.edit(service, _address, MANAGER))  # type: ignore[misc]


def _address(service: Object) -> None:
    if service["spec"]["type"] == "LoadBalancer":
        service["status"]["loadBalancer"] = {"ingress": [{"ip": ADDRESS, "ipMode": "VIP"}]}

"""Namespaces: empties a namespace that is being deleted, then deletes it."""

from hooks.cluster.api import Resource, is_deleting, name_of
from nimservice_simulator.controllers.world import World

NAMESPACE = Resource("v1", "Namespace", "namespaces", namespaced=False)
MANAGER = "namespace-controller"


class Namespaces:
    """The controller of namespaces."""

    kinds: tuple[str, ...] = ()
    """Any change may be the last object of a namespace going."""

    def reconcile(self, world: World) -> None:
        """Delete the objects of each terminating namespace, then the empty namespace."""
        for namespace in world.server.list(NAMESPACE):
            if not is_deleting(namespace):
                continue
            name = namespace["metadata"]["name"]
            for obj in [
                obj
                for obj in world.server.everything()
                if name_of(obj)[0] == name and not is_deleting(obj)
            ]:
                world.delete(obj, MANAGER)
            if not any(name_of(obj)[0] == name for obj in world.server.everything()):
                world.edit(namespace, lambda copy: copy["spec"].update(finalizers=[]), MANAGER)

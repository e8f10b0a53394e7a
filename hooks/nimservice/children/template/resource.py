"""Resource: the compute resources of the model server's container."""

from hooks.kernel.manifest import Manifest, quantities
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import GPU, ModelStore, asks_for_devices


def requirements(nim: NIMService, store: ModelStore) -> Manifest | None:
    """Return requests and limits: the user's, and the profile's GPUs if the user names none.

    Devices by Dynamic Resource Allocation replace the profile's GPUs.
    """
    given = nim.spec.resources or {}
    requests, limits = dict(given.get("requests", {})), dict(given.get("limits", {}))
    if store.gpus and not asks_for_devices(nim):
        requests[GPU] = limits[GPU] = store.gpus
    amounts = {"limits": quantities(limits), "requests": quantities(requests)}
    return {key: value for key, value in amounts.items() if value} or None

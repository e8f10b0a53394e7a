"""Resource: the compute resources of the model server's container."""

from hooks.kernel.manifest import Manifest, quantities
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import GPU, ModelStore, asks_for_devices


def requirements(nim: NIMService, store: ModelStore) -> Manifest | None:
    """Return requests and limits: the user's, and the profile's GPUs if the user names none.

    Devices by Dynamic Resource Allocation replace the profile's GPUs.
    """
    asked = nim.spec.resources or {}
    if not store.gpus or asks_for_devices(nim):
        return given(asked)
    gpus = {GPU: store.gpus}
    return given({part: {**asked.get(part, {}), **gpus} for part in ("limits", "requests")})


def given(asked: Manifest | None) -> Manifest | None:
    """Return requests and limits as they are stored; claims come from ``spec.draResources``."""
    amounts = {part: quantities((asked or {}).get(part)) for part in ("limits", "requests")}
    return {part: value for part, value in amounts.items() if value} or None

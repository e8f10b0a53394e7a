"""Running: what the pods of a workload tell of their model store."""

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, text
from hooks.kernel.quantity import canonical
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore.store import GPU, VOLUME, ModelStore


def asks_for_devices(nim: NIMService) -> bool:
    """Whether the spec names the devices of a pod, so that the profile does not."""
    given = nim.spec.resources or {}
    return bool(nim.spec.dra_resources) or any(
        GPU in given.get(part, {}) for part in ("requests", "limits")
    )


def serves(nim: NIMService, pod: Manifest, fresh: ModelStore) -> bool:
    """Whether a pod has this model store, judged by the fields that the user does not set."""
    server = next((each for each in mappings(pod.get("containers")) if _model_mounts(each)), {})
    paths = {text(mount.get("mountPath")) for mount in _model_mounts(server)}
    if mounted(pod) != (fresh.claim, fresh.sub_path) or ("/model" in paths) != (
        fresh.layout == "native"
    ):
        return False
    told = {text(each.get("name")): each.get("value") for each in mappings(server.get("env"))}
    asked = {each.get("name") for each in nim.spec.env}
    if any(told.get(name) != value for name, value in fresh.variables.items() if name not in asked):
        return False
    gpus = mapping(mapping(server.get("resources")).get("limits")).get(GPU)
    return asks_for_devices(nim) or gpus == (canonical(fresh.gpus) if fresh.gpus else None)


def mounted(pod: Manifest) -> tuple[str | None, str | None]:
    """Return the claim and the folder of a pod's model store."""
    volumes = mappings(pod.get("volumes"))
    volume = next((each for each in volumes if each.get("name") == VOLUME), {})
    claim = text(mapping(volume.get("persistentVolumeClaim")).get("claimName"))
    sub_path = next((text(each.get("subPath")) for each in _mounts(pod)), "")
    return claim or None, sub_path or None


def _mounts(pod: Manifest) -> list[Manifest]:
    return [each for item in mappings(pod.get("containers")) for each in _model_mounts(item)]


def _model_mounts(container: Manifest) -> list[Manifest]:
    mounts = mappings(container.get("volumeMounts"))
    return [each for each in mounts if each.get("name") == VOLUME]

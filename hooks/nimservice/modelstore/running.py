"""Running: what the pods of a workload tell of their model store."""

from hooks.kernel.manifest import Manifest
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
    server: Manifest = next(
        (each for each in pod.get("containers") or [] if _model_mounts(each)), {}
    )
    paths = {mount.get("mountPath") for mount in _model_mounts(server)}
    if mounted(pod) != (fresh.claim, fresh.sub_path) or ("/model" in paths) != (
        fresh.layout == "native"
    ):
        return False
    told = {each.get("name"): each.get("value") for each in server.get("env") or []}
    asked = {each.get("name") for each in nim.spec.env}
    if any(told.get(name) != value for name, value in fresh.variables.items() if name not in asked):
        return False
    gpus = ((server.get("resources") or {}).get("limits") or {}).get(GPU)
    return asks_for_devices(nim) or gpus == (canonical(fresh.gpus) if fresh.gpus else None)


def mounted(pod: Manifest) -> tuple[str | None, str | None]:
    """Return the claim and the folder of a pod's model store."""
    volume: Manifest = next(
        (each for each in pod.get("volumes") or [] if each.get("name") == VOLUME), {}
    )
    return (volume.get("persistentVolumeClaim") or {}).get("claimName"), next(
        (each.get("subPath") for each in _mounts(pod)), None
    )


def _mounts(pod: Manifest) -> list[Manifest]:
    return [each for item in pod.get("containers") or [] for each in _model_mounts(item)]


def _model_mounts(container: Manifest) -> list[Manifest]:
    return [each for each in container.get("volumeMounts") or [] if each.get("name") == VOLUME]

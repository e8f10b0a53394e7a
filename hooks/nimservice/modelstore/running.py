"""Running: what the pods of a workload tell of their model store."""

from dataclasses import replace

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, text
from hooks.kernel.quantity import canonical
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore.store import ENGINE_PATH, GPU, VOLUME, Layout, ModelStore


def asks_for_devices(nim: NIMService) -> bool:
    """Whether the spec names the devices of a pod, so that the profile does not.

    Devices are extended resources, and these have a domain: a slice of a GPU, a shared one, and
    that of another vendor count as well.
    """
    given = nim.spec.resources or {}
    return bool(nim.spec.dra_resources) or any(
        "/" in name for part in ("requests", "limits") for name in given.get(part, {})
    )


def serves(nim: NIMService, pod: Manifest, fresh: ModelStore) -> bool:
    """Whether a pod has this model store, judged by the fields that the user does not set."""
    server = _server(pod)
    if mounted(pod) != (fresh.claim, fresh.sub_path) or _layout(server) != fresh.layout:
        return False
    told = {text(each.get("name")): each.get("value") for each in mappings(server.get("env"))}
    asked = {each.get("name") for each in nim.spec.env} - {ENGINE_PATH}
    if any(told.get(name) != value for name, value in fresh.variables.items() if name not in asked):
        return False
    gpus = mapping(mapping(server.get("resources")).get("limits")).get(GPU)
    return asks_for_devices(nim) or gpus == (canonical(fresh.gpus) if fresh.gpus else None)


def adopted(nim: NIMService, pod: Manifest, fresh: ModelStore) -> ModelStore | None:
    """Return the model store of a pod without a record, or None if its volume is another one.

    What the user sets in place of the model store is not read back: it counts in any case.
    """
    if mounted(pod) != (fresh.claim, fresh.sub_path):
        return None
    server = _server(pod)
    layout = _layout(server)
    variables = {text(each.get("name")): each for each in mappings(server.get("env"))}
    told = {name: text(each.get("value")) or None for name, each in variables.items()}
    told |= {each["name"]: fresh.variables.get(each["name"]) for each in nim.spec.env}
    token = mapping(mapping(mapping(variables.get("HF_TOKEN")).get("valueFrom")).get(_SECRET))
    gpus = mapping(mapping(server.get("resources")).get("limits")).get(GPU)
    return replace(
        fresh,
        layout=layout,
        profile=told.get("NIM_MODEL_PROFILE"),
        model_name=told.get("NIM_MODEL_NAME"),
        model_path=told.get("NIM_MODEL_PATH"),
        hugging_face=bool(token) and token.get("optional") is not True,
        gpus=fresh.gpus if asks_for_devices(nim) else text(gpus) or None,
        adopted=True,
    )


_SECRET = "secretKeyRef"  # noqa: S105 - the name of a field


def _server(pod: Manifest) -> Manifest:
    """Return the container that serves the model, or an empty one."""
    return next((each for each in mappings(pod.get("containers")) if _model_mounts(each)), {})


def _layout(server: Manifest) -> Layout:
    paths = {text(mount.get("mountPath")) for mount in _model_mounts(server)}
    return "native" if "/model" in paths else "legacy"


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

"""Volume: the volumes of a pod and their mounts."""

from hooks.kernel.manifest import Manifest
from hooks.kernel.quantity import canonical
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import MOUNT_PATH, VOLUME, ModelStore

_LAYOUTS = {"legacy": (MOUNT_PATH,), "native": ("/model", "/opt/cache")}


def volumes(nim: NIMService, store: ModelStore) -> list[Manifest]:
    """Return the volumes that every pod of a NIMService has."""
    shared_memory = nim.spec.storage.shared_memory_size_limit
    made: list[Manifest] = [
        {
            "name": "dshm",
            "emptyDir": {
                "medium": "Memory",
                "sizeLimit": canonical(shared_memory) if shared_memory else None,
            },
        }
    ]
    if _scratch(nim):
        made.append({"name": "scratch", "emptyDir": {}})
    made.append({"name": VOLUME, **_source(nim, store)})
    if certificates := _certificates(nim):
        made += [
            {"name": "ca-cert-volume", "emptyDir": {}},
            {"name": "custom-ca", "configMap": {"name": certificates}},
        ]
    return made


def mounts(nim: NIMService, store: ModelStore, further: list[Manifest]) -> list[Manifest]:
    """Return the mounts of the model server and of its sidecars."""
    return [
        *_model(nim, store),
        {"name": "dshm", "mountPath": "/dev/shm"},
        *([{"name": "scratch", "mountPath": "/scratch"}] if _scratch(nim) else []),
        *([{"name": "ca-cert-volume", "mountPath": "/etc/ssl"}] if _certificates(nim) else []),
        *further,
    ]


def init_mounts(nim: NIMService, store: ModelStore) -> list[Manifest]:
    """Return the mounts of the init containers."""
    certificates = [
        {"name": "ca-cert-volume", "mountPath": "/ca-certs"},
        {"name": "custom-ca", "mountPath": "/custom"},
    ]
    return [
        *_model(nim, store),
        *([{"name": "scratch", "mountPath": "/scratch"}] if _scratch(nim) else []),
        *(certificates if _certificates(nim) else []),
    ]


def _model(nim: NIMService, store: ModelStore) -> list[Manifest]:
    # A claim is read-only by its volume, a directory of the node by its mount.
    read_only = bool(
        nim.spec.storage.read_only and store.claim is None and nim.spec.storage.empty_dir is None
    )
    return [
        {
            "name": VOLUME,
            "mountPath": path,
            "subPath": store.sub_path,
            "readOnly": read_only or None,
        }
        for path in _LAYOUTS[store.layout]
    ]


def _source(nim: NIMService, store: ModelStore) -> Manifest:
    storage = nim.spec.storage
    if store.claim is not None:
        return {
            "persistentVolumeClaim": {
                "claimName": store.claim,
                "readOnly": storage.read_only or None,
            }
        }
    if storage.empty_dir is not None:
        limit = storage.empty_dir.size_limit
        return {"emptyDir": {"sizeLimit": None if limit is None else canonical(limit)}}
    return {"hostPath": {"path": storage.host_path, "type": "DirectoryOrCreate"}}


def _scratch(nim: NIMService) -> bool:
    """Whether containers of the user share a scratch volume with the model server (I-35)."""
    return bool(nim.spec.init_containers or nim.spec.sidecar_containers)


def _certificates(nim: NIMService) -> str | None:
    return (nim.spec.proxy.cert_config_map if nim.spec.proxy else None) or None

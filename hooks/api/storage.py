"""Storage: where the model's files live."""

from typing import Annotated, Literal

from pydantic import Field

from hooks.api.kubernetes import Quantity
from hooks.api.model import Model


class NIMCacheStorage(Model):
    """A model that a NIMCache has downloaded."""

    name: str | None = None
    """Name of the NIMCache, in the same namespace."""
    profile: str | None = None
    """Model profile to serve. A NIMCache that holds exactly one profile needs no choice."""


class PersistentVolumeClaim(Model):
    """A PersistentVolumeClaim that exists or is to be created."""

    create: bool | None = None
    """Whether to create the claim. A claim that was created is kept for as long as the NIMService exists."""
    name: str | None = None
    """Name of the claim. A claim that is created is named `<name>-pvc` where this is absent."""
    storage_class: str | None = None
    """StorageClass of a claim that is created. The cluster's default class is used where it is absent."""
    size: str | None = None
    """Size of a claim that is created, for example `50Gi`."""
    volume_access_mode: Literal["", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"] | None = None
    """Access mode of a claim that is created. `ReadWriteOnce` where it is absent."""
    sub_path: str | None = None
    """Folder within the volume that holds the model."""
    annotations: dict[str, str] = {}
    """Annotations of a claim that is created."""

    @property
    def defined(self) -> bool:
        """Whether anything is asked of a claim."""
        return bool(self.model_fields_set)


class EmptyDir(Model):
    """A directory on the node that lives as long as the pod."""

    size_limit: Quantity | None = None
    """How much the directory may hold."""


class Storage(Model):
    """Where the model's files live. Exactly one of `nimCache`, `pvc`, `emptyDir` and `hostPath` is to be given."""

    nim_cache: NIMCacheStorage = Field(default_factory=NIMCacheStorage)
    """A model that a NIMCache has downloaded."""
    pvc: PersistentVolumeClaim = Field(default_factory=PersistentVolumeClaim)
    """A PersistentVolumeClaim that exists or is to be created."""
    host_path: str | None = None
    """Directory on the node. Deprecated: use `pvc`."""
    empty_dir: EmptyDir | None = None
    """A directory on the node that lives as long as the pod: every new pod downloads the model again."""
    shared_memory_size_limit: Annotated[Quantity, Field()] | None = None
    """How much the shared memory at `/dev/shm` may hold. Half of the node's memory where it is absent."""
    read_only: bool | None = None
    """Whether the model's volume is mounted read-only. It has no effect on `emptyDir`, which nothing could ever fill."""

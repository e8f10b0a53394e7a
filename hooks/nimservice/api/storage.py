"""Storage: where the model's files live."""

import hashlib
from functools import cached_property
from typing import Annotated, Literal

import orjson
from pydantic import Field

from hooks.kernel.api.kubernetes import Quantity
from hooks.kernel.api.model import Model, Rule, Whole

# Counts the sources that are given. Empty ones do not count: the reference operator's own writes leave `pvc: {}` behind.
_SOURCES = (
    "((has(self.nimCache) && ((has(self.nimCache.name) && self.nimCache.name != '')"
    " || (has(self.nimCache.profile) && self.nimCache.profile != ''))) ? 1 : 0)"
    " + ((has(self.pvc) && (has(self.pvc.create) || (has(self.pvc.name) && self.pvc.name != '')"
    " || (has(self.pvc.storageClass) && self.pvc.storageClass != '') || (has(self.pvc.size) && self.pvc.size != '')"
    " || (has(self.pvc.volumeAccessMode) && self.pvc.volumeAccessMode != '')"
    " || (has(self.pvc.subPath) && self.pvc.subPath != '') || (has(self.pvc.annotations) && size(self.pvc.annotations) > 0))) ? 1 : 0)"
    " + (has(self.emptyDir) ? 1 : 0) + ((has(self.hostPath) && self.hostPath != '') ? 1 : 0)"
)


class NIMCacheStorage(Model):
    """A model that a NIMCache has downloaded."""

    rules = (
        Rule(
            "!has(self.profile) || self.profile == '' || (has(self.name) && self.name != '')",
            "nimCache.name is required where nimCache.profile is given; name the NIMCache that holds the profile",
            field_path=".name",
            reason="FieldValueRequired",
        ),
    )

    name: str | None = None
    """Name of the NIMCache, in the same namespace."""
    profile: str | None = None
    """Model profile to serve. A NIMCache that holds exactly one profile needs no choice."""


class PersistentVolumeClaim(Model):
    """A PersistentVolumeClaim that exists or is to be created."""

    rules = (
        Rule(
            "(has(self.create) && self.create) || (has(self.name) && self.name != '')"
            " || !(has(self.create) || (has(self.storageClass) && self.storageClass != '') || (has(self.size) && self.size != '')"
            " || (has(self.volumeAccessMode) && self.volumeAccessMode != '') || (has(self.subPath) && self.subPath != '')"
            " || (has(self.annotations) && size(self.annotations) > 0))",
            "pvc.name is required unless pvc.create is true; name the claim that exists, or let one be created",
            field_path=".name",
            reason="FieldValueRequired",
        ),
        Rule(
            "!(has(self.create) && self.create) || (has(self.size) && self.size != '')",
            "pvc.size is required where pvc.create is true; say how large the claim is to be, for example 50Gi",
            field_path=".size",
            reason="FieldValueRequired",
        ),
        Rule(
            "!(has(self.create) && self.create) || !has(self.size) || self.size == ''"
            " || (isQuantity(self.size) && quantity(self.size).isGreaterThan(quantity('0')))",
            "pvc.size must be a quantity greater than 0, for example 50Gi",
            field_path=".size",
        ),
    )

    create: bool | None = None
    """Whether to create the claim. A claim that was created is kept for as long as the NIMService exists."""
    name: (
        Annotated[
            str,
            Field(
                max_length=253,
                pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$",
            ),
        ]
        | None
    ) = None
    """Name of the claim. A claim that is created is named `<name>-pvc` where this is absent."""
    storage_class: str | None = None
    """StorageClass of a claim that is created. The cluster's default class is used where it is absent."""
    size: str | None = None
    """Size of a claim that is created, for example `50Gi`."""
    volume_access_mode: (
        Literal["", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"] | None
    ) = None
    """Access mode of a claim that is created. `ReadWriteOnce` where it is absent."""
    sub_path: str | None = None
    """Folder within the volume that holds the model."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of a claim that is created."""

    @property
    def defined(self) -> bool:
        """Whether anything is asked of a claim: `pvc: {}` and empty fields, which the reference operator leaves behind, ask nothing."""
        return any(getattr(self, name) not in (None, "", {}) for name in self.model_fields_set)


class EmptyDir(Model):
    """A directory on the node that lives as long as the pod."""

    size_limit: Quantity | None = None
    """How much the directory may hold."""


class Storage(Model):
    """Where the model's files live. Exactly one of `nimCache`, `pvc`, `emptyDir` and `hostPath` is to be given."""

    rules = (
        Rule(
            f"{_SOURCES} > 0",
            "storage has no source; give one of storage.nimCache, storage.pvc, storage.emptyDir and storage.hostPath",
            reason="FieldValueRequired",
        ),
        Rule(
            f"{_SOURCES} < 2",
            "storage has several sources; keep one of storage.nimCache, storage.pvc, storage.emptyDir and storage.hostPath",
        ),
        Rule(
            "!has(self.sharedMemorySizeLimit) || quantity(string(self.sharedMemorySizeLimit)).isGreaterThan(quantity('0'))",
            "storage.sharedMemorySizeLimit must be greater than 0; leave it out for half of the node's memory",
            field_path=".sharedMemorySizeLimit",
        ),
        Rule(
            "!(has(oldSelf.pvc) && has(oldSelf.pvc.create) && oldSelf.pvc.create) || (has(self.pvc) && self.pvc == oldSelf.pvc)",
            "storage.pvc is immutable once it was given with create: true, because the claim holds the model;"
            " create another NIMService for another claim",
            field_path=".pvc",
            reason="FieldValueForbidden",
        ),
    )

    nim_cache: NIMCacheStorage = Field(default_factory=NIMCacheStorage)
    """A model that a NIMCache has downloaded."""
    pvc: PersistentVolumeClaim = Field(default_factory=PersistentVolumeClaim)
    """A PersistentVolumeClaim that exists or is to be created."""
    host_path: str | None = None
    """Directory on the node. Deprecated: use `pvc`."""
    empty_dir: Annotated[EmptyDir, Whole()] | None = None
    """A directory on the node that lives as long as the pod: every new pod downloads the model again."""
    shared_memory_size_limit: Annotated[Quantity, Field()] | None = None
    """How much the shared memory at `/dev/shm` may hold. Half of the node's memory where it is absent."""
    read_only: bool | None = None
    """Whether the model's volume is mounted read-only. It has no effect on `emptyDir`, which nothing could ever fill."""

    @cached_property
    def digest(self) -> str:
        """A short hash of what is given; only a user's edit changes it."""
        document = orjson.dumps(
            self.model_dump(by_alias=True, exclude_defaults=True), option=orjson.OPT_SORT_KEYS
        )
        return hashlib.sha256(document).hexdigest()[:12]

"""Storage: where a NIMCache puts its model."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.model import Model, Rule
from hooks.nimcache.api.source import FIXED, Fixed

AccessMode = Annotated[
    Fixed,
    Field(
        json_schema_extra={
            "enum": ["", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
        }
    ),
]


class PersistentVolumeClaim(Model):
    """A PersistentVolumeClaim that exists or is to be created."""

    rules = (
        Rule(
            "(has(self.create) && self.create) || (has(self.name) && self.name != '')",
            "storage.pvc.name is required unless storage.pvc.create is true: name the claim that exists, or let one be created",
            field_path=".name",
            reason="FieldValueRequired",
        ),
    )

    create: Annotated[bool, FIXED] | None = None
    """Whether to create the claim."""
    name: Fixed | None = None
    """Name of the claim. A claim that is created is named `<name>-pvc` where this is absent."""
    storage_class: Fixed | None = None
    """StorageClass of a claim that is created. The cluster's default class is used where it is absent."""
    size: Fixed | None = None
    """Size of a claim that is created, for example `50Gi`."""
    volume_access_mode: AccessMode | None = None
    """Access mode of a claim that is created."""
    sub_path: Fixed | None = None
    """Folder within the volume."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of a claim that is created."""


class Storage(Model):
    """Where the model's files are put."""

    rules = (
        Rule(
            "has(self.pvc)",
            "storage.pvc is required: name a claim that exists, or let one be created",
            field_path=".pvc",
            reason="FieldValueRequired",
        ),
    )

    pvc: PersistentVolumeClaim = Field(default_factory=PersistentVolumeClaim)
    """A PersistentVolumeClaim that exists or is to be created."""
    host_path: str | None = None
    """Deprecated and without effect: use `pvc`."""

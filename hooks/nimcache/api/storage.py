"""Storage: where a NIMCache puts its model."""

from typing import Annotated

from pydantic import Field

from hooks.api.model import Model

AccessMode = Annotated[str, Field(json_schema_extra={"enum": ["", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]})]


class PersistentVolumeClaim(Model):
    """A PersistentVolumeClaim that exists or is to be created."""

    create: bool | None = None
    """Whether to create the claim."""
    name: str | None = None
    """Name of the claim. A claim that is created is named `<name>-pvc` where this is absent."""
    storage_class: str | None = None
    """StorageClass of a claim that is created. The cluster's default class is used where it is absent."""
    size: str | None = None
    """Size of a claim that is created, for example `50Gi`."""
    volume_access_mode: AccessMode | None = None
    """Access mode of a claim that is created."""
    sub_path: str | None = None
    """Folder within the volume."""
    annotations: dict[str, str] = {}
    """Annotations of a claim that is created."""


class Storage(Model):
    """Where the model's files are put."""

    pvc: PersistentVolumeClaim = Field(default_factory=PersistentVolumeClaim)
    """A PersistentVolumeClaim that exists or is to be created."""
    host_path: str | None = None
    """Deprecated and without effect: use `pvc`."""

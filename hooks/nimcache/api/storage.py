"""Storage: where a NIMCache puts its model."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.model import Model, Rule
from hooks.nimcache.api import fixed
from hooks.nimcache.api.source import ANOTHER

AccessMode = Annotated[
    str,
    Field(
        json_schema_extra={
            "enum": ["", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
        }
    ),
]
ClaimName = Annotated[
    str,
    Field(
        json_schema_extra={
            "maxLength": 253,
            "pattern": r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$",
        }
    ),
]

_SIZED = "has(self.pvc) && has(self.pvc.size) && self.pvc.size != '' && isQuantity(self.pvc.size)"


class PersistentVolumeClaim(Model):
    """A PersistentVolumeClaim that exists or is to be created."""

    rules = (
        Rule(
            "(has(self.create) && self.create) || (has(self.name) && self.name != '')",
            "storage.pvc.name is required unless storage.pvc.create is true; name the claim that exists, or let one be created",
            field_path=".name",
            reason="FieldValueRequired",
        ),
        Rule(
            "!(has(self.create) && self.create) || (has(self.size) && self.size != '')",
            "storage.pvc.size is required where storage.pvc.create is true; say how large the claim is to be, for example 50Gi",
            field_path=".size",
            reason="FieldValueRequired",
        ),
        Rule(
            "!(has(self.create) && self.create) || !has(self.size) || self.size == ''"
            " || (isQuantity(self.size) && quantity(self.size).isGreaterThan(quantity('0')))",
            "storage.pvc.size must be a quantity greater than 0, for example 50Gi",
            field_path=".size",
        ),
    )

    create: bool | None = None
    """Whether to create the claim."""
    name: ClaimName | None = None
    """Name of the claim. A claim that is created is named `<name>-pvc` where this is absent."""
    storage_class: str | None = None
    """StorageClass of a claim that is created. The cluster's default class is used where it is absent."""
    size: str | None = None
    """Size of a claim that is created, for example `50Gi`. It may grow, where the StorageClass allows that."""
    volume_access_mode: AccessMode | None = None
    """Access mode of a claim that is created. `ReadWriteOnce` where it is absent."""
    sub_path: str | None = None
    """Folder within the volume."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of a claim that is created."""


class Storage(Model):
    """Where the model's files are put."""

    rules = (
        Rule(
            "has(self.pvc)",
            "storage.pvc is required; name a claim that exists, or let one be created",
            field_path=".pvc",
            reason="FieldValueRequired",
        ),
        *fixed.switches(("pvc.create",), ANOTHER),
        *fixed.texts(
            ("pvc.name", "pvc.storageClass", "pvc.volumeAccessMode", "pvc.subPath"), ANOTHER
        ),
        Rule(
            f"!({_SIZED} && {_SIZED.replace('self.', 'oldSelf.')})"
            " || quantity(self.pvc.size).compareTo(quantity(oldSelf.pvc.size)) >= 0",
            f"size cannot shrink, because claims cannot; leave it, or {ANOTHER}",
            field_path=".pvc.size",
            reason="FieldValueForbidden",
        ),
    )

    pvc: PersistentVolumeClaim = Field(default_factory=PersistentVolumeClaim)
    """A PersistentVolumeClaim that exists or is to be created."""
    host_path: str | None = None
    """Deprecated and without effect: use `pvc`."""

"""Parent: what the hooks read of every object that they are called for."""

from typing import Any, Self

from hooks.kernel.api.metadata import Metadata
from hooks.kernel.api.model import Model, wire_name, without_null


class Parent(Model):
    """An object of the API that the hooks are called for."""

    metadata: Metadata

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """``metadata.namespace``."""
        return self.metadata.namespace

    @classmethod
    def parse(cls, manifest: dict[str, Any]) -> Self:
        """Return the object of a manifest.

        A field that is null counts as absent, as it does for the API server.

        Raises:
            pydantic.ValidationError: where a field has another type or value than the API allows.
        """
        return cls.model_validate(without_null(read(manifest)))


_FIELDS = tuple(map(wire_name, Metadata.model_fields))


def read(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what a model reads of a manifest.

    The rest is larger: the status and the managed fields. A model refuses metadata that are not an
    object.
    """
    metadata = manifest.get("metadata")
    if isinstance(metadata, dict):
        metadata = {field: metadata[field] for field in _FIELDS if field in metadata}
    return {"metadata": metadata, "spec": manifest.get("spec")}

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
        # The rest is larger and not read here: the status and the managed fields.
        parts = {"metadata": _read(manifest.get("metadata")), "spec": manifest.get("spec")}
        return cls.model_validate(without_null(parts))


_FIELDS = tuple(map(wire_name, Metadata.model_fields))


def _read(metadata: Any) -> Any:
    """Return the metadata that the hooks read. The model refuses what is not an object."""
    if not isinstance(metadata, dict):
        return metadata
    return {field: metadata[field] for field in _FIELDS if field in metadata}

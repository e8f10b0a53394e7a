"""Metadata: what the hooks read of an object's metadata."""

from hooks.kernel.api.model import Model


class Metadata(Model):
    """What the hooks read of an object's metadata."""

    name: str
    namespace: str = "default"
    uid: str = ""
    generation: int = 0
    deletion_timestamp: str | None = None

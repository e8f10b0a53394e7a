"""Custom resource: how a kind of the API is declared beyond its name."""

from typing import Any, NamedTuple

from hooks.kernel.api.model import Model
from hooks.kernel.api.parent import Parent
from hooks.kernel.kind import Kind


class Column(NamedTuple):
    """A column of ``kubectl get``."""

    name: str
    path: str
    """A JSONPath, for example ``.status.state``."""
    type: str = "string"
    wide: bool = False
    """Whether only ``-o wide`` shows it."""


class CustomResource(NamedTuple):
    """What the definition of a kind says besides its name."""

    kind: Kind
    model: type[Parent]
    """The model of the whole object."""
    spec: type[Model]
    status: type[Model]
    short_name: str
    columns: tuple[Column, ...]
    scale: dict[str, Any] | None = None
    """The ``scale`` subresource."""

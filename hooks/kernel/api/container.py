"""Container: init containers, sidecars and the endpoint picker's container."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.image import Image
from hooks.kernel.api.kubernetes import EnvVar
from hooks.kernel.api.model import Model


class Container(Model):
    """A container that runs before or beside the model server."""

    name: Annotated[
        str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
    ]
    """Name of the container, unique within the pod."""
    image: Image
    """Image of the container. Its pull secrets join those of the pod."""
    command: list[str] = Field(default_factory=list)
    """Entrypoint of the container. The image's own is used where it is absent."""
    args: list[str] = Field(default_factory=list)
    """Arguments of the entrypoint."""
    env: list[EnvVar] = Field(default_factory=list)
    """Environment variables of this container. They win over those it shares with the model server."""
    working_dir: str | None = None
    """Working directory of the entrypoint."""

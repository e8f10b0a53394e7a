"""Container: the init containers and sidecars of a NIMService."""

from typing import Annotated, Literal

from pydantic import Field

from hooks.kernel.api import kubernetes
from hooks.kernel.api.container import Container
from hooks.kernel.api.kubernetes import (
    ContainerPort,
    ResourceRequirements,
    SecurityContext,
    VolumeMount,
)


class ExtraContainer(Container):
    """A container that runs before or beside the model server."""

    resources: ResourceRequirements | None = None
    """Extension. Compute resources of the container."""
    volume_mounts: Annotated[list[VolumeMount], Field(max_length=64)] = Field(default_factory=list)
    """Extension. Where the container has volumes of `spec.volumes`, besides the model store."""
    ports: Annotated[list[ContainerPort], Field(max_length=64)] = Field(default_factory=list)
    """Extension. Ports that the container listens to."""
    restart_policy: Literal["Always"] | None = None
    """Extension. `Always` lets an init container run on beside the model server, and end after it."""
    security_context: SecurityContext | None = None
    """Extension. User and rights of the container, merged over `spec.securityContext`."""
    liveness_probe: kubernetes.Probe | None = None
    """Extension. Restarts the container when it fails."""
    readiness_probe: kubernetes.Probe | None = None
    """Extension. Takes the pod out of the Service while it fails."""
    startup_probe: kubernetes.Probe | None = None
    """Extension. Holds the other probes back until the container is up."""

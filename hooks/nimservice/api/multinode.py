"""Multi-node: one replica that spans several nodes."""

from typing import Annotated, Literal

from pydantic import Field

from hooks.kernel.api.model import Int32, Model, Port, PublishedDefault, Required, Rule


class Parallelism(Model):
    """How the model is split over GPUs."""

    pipeline: Annotated[Int32, Field(ge=1)] | None = None
    """Pipeline stages, which is the number of pods (nodes) of one replica. 1 where it is absent."""
    tensor: Annotated[Int32, Field(ge=1)] | None = None
    """GPUs of each pod. 1 where it is absent."""


class MPI(Model):
    """Start-up by MPI."""

    mpi_start_timeout: Annotated[int, Required(), PublishedDefault()] = 300
    """Seconds that the leader waits for its workers."""


class Ray(Model):
    """Start-up by Ray."""

    ray_port: Annotated[Port, Required(), PublishedDefault()] = 6379
    """Port of the Ray head."""


class ComputeDomain(Model):
    """The multi-node NVLink domain that the pods share."""

    rules = (
        Rule(
            "(has(self.create) && self.create) ? !has(self.name) : (has(self.name) && size(self.name) > 0)",
            "computeDomain.name must be absent where computeDomain.create is true, and given where it is not",
        ),
    )

    create: bool | None = None
    """Whether to create a ComputeDomain, named like the NIMService."""
    name: str | None = None
    """Name of a ComputeDomain that exists."""


class MultiNode(Model):
    """One replica that spans several nodes, run as a group of a LeaderWorkerSet."""

    rules = (
        Rule(
            "!(has(self.mpi) && has(self.ray))",
            "mpi and ray are mutually exclusive; remove one of them from multiNode",
        ),
    )

    backend_type: Annotated[Literal["lws"], PublishedDefault()] = "lws"
    """What runs the group; `lws` is the LeaderWorkerSet."""
    parallelism: Parallelism
    """How the model is split over GPUs."""
    mpi: MPI | None = None
    """Start-up by MPI, which is also what is used where neither `mpi` nor `ray` is given."""
    ray: Ray | None = None
    """Start-up by Ray."""
    compute_domain: ComputeDomain | None = None
    """The multi-node NVLink domain that the pods share."""

    @property
    def pipeline(self) -> int:
        """Pods of one replica."""
        return self.parallelism.pipeline or 1

    @property
    def tensor(self) -> int:
        """GPUs of each pod."""
        return self.parallelism.tensor or 1

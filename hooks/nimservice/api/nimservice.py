"""NIMService: one inference microservice, as users write it."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from hooks.kernel.api.container import Container
from hooks.kernel.api.image import Image
from hooks.kernel.api.kubernetes import (
    Affinity,
    EnvVar,
    PodAffinity,
    ResourceRequirements,
    Toleration,
)
from hooks.kernel.api.model import Int32, Int64, Model, PublishedDefault
from hooks.kernel.api.parent import Parent
from hooks.kernel.api.probe import Probe
from hooks.kernel.api.proxy import Proxy
from hooks.nimservice.api.dra import DRAResource
from hooks.nimservice.api.expose import Expose
from hooks.nimservice.api.metrics import Metrics
from hooks.nimservice.api.multinode import MultiNode
from hooks.nimservice.api.rules import NAMES, RULES
from hooks.nimservice.api.scale import Scale
from hooks.nimservice.api.storage import Storage


class NIMServiceSpec(Model):
    """What is asked of an inference microservice."""

    rules = RULES

    image: Image
    """Image of the model server and how to pull it."""
    command: list[str] = Field(default_factory=list)
    """Entrypoint of the model server. The image's own is used where it is absent."""
    args: list[str] = Field(default_factory=list)
    """Arguments of the entrypoint."""
    env: list[EnvVar] = Field(default_factory=list)
    """Environment variables of the model server. They win over those that are set for you."""
    auth_secret: str | None = None
    """Name of the Secret with the key `NGC_API_KEY` and, for models of Hugging Face, `HF_TOKEN`."""
    storage: Storage = Field(default_factory=Storage)
    """Where the model's files live."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels of all objects that are made, pods included. Those that are set for you win."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the objects that are made, pods included."""
    node_selector: dict[str, str] = Field(default_factory=dict)
    """Labels that a node must have."""
    tolerations: list[Toleration] = Field(default_factory=list)
    """Taints that the pods tolerate."""
    affinity: Affinity | None = None
    """Rules about nodes and other pods."""
    pod_affinity: PodAffinity | None = None
    """Rules about other pods. Deprecated: use `affinity.podAffinity`, which wins where both are given."""
    resources: ResourceRequirements | None = None
    """Compute resources of the model server's container."""
    dra_resources: Annotated[list[DRAResource], Field(max_length=12)] = Field(default_factory=list)
    """Devices by Dynamic Resource Allocation."""
    expose: Expose = Field(default_factory=Expose)
    """The Service and the routes to it."""
    liveness_probe: Probe = Field(default_factory=Probe)
    """Restarts the model server when it fails. HTTP `/v1/health/live` unless you give another."""
    readiness_probe: Probe = Field(default_factory=Probe)
    """Takes the pod out of the Service while it fails. HTTP `/v1/health/ready` unless you give another."""
    startup_probe: Probe = Field(default_factory=Probe)
    """Holds the other probes back until the model is loaded. HTTP `/v1/health/ready`, for 20 minutes, unless you give another."""
    scale: Scale = Field(default_factory=Scale)
    """Horizontal autoscaling."""
    scheduler_name: str | None = None
    """Scheduler of the pods."""
    metrics: Metrics = Field(default_factory=Metrics)
    """Scraping by Prometheus."""
    replicas: Annotated[Int32, Field(ge=0)] | None = None
    """Number of replicas; 0 stops the model and keeps everything else. 1 where it is absent and there is no autoscaling."""
    user_id: Int64 | None = None
    """User that the containers run as. 1000 where it is absent."""
    group_id: Int64 | None = None
    """Group that the containers run as and that owns the volumes. 2000 where it is absent."""
    runtime_class_name: str | None = None
    """RuntimeClass of the pods."""
    priority_class_name: str | None = None
    """PriorityClass of the pods."""
    proxy: Proxy | None = None
    """How the containers reach the outside."""
    multi_node: MultiNode | None = None
    """One replica that spans several nodes."""
    inference_platform: Annotated[Literal["standalone", "kserve"], PublishedDefault()] = (
        "standalone"
    )
    """What runs the model: plain Kubernetes (`standalone`) or KServe (`kserve`)."""
    init_containers: list[Container] = Field(default_factory=list)
    """Containers that run, one after the other, before the model server."""
    sidecar_containers: list[Container] = Field(default_factory=list)
    """Containers that run beside the model server."""


class NIMService(Parent):
    """An inference microservice: a model server with its storage, Service, routes, scaling and metrics."""

    rules = NAMES

    spec: NIMServiceSpec
    """What is asked of the inference microservice."""

    @cached_property
    def multi_node(self) -> MultiNode | None:
        """How one replica spans several nodes, or None where it does not: the one predicate for it."""
        wanted = self.spec.multi_node
        return wanted if wanted is not None and wanted.pipeline > 1 and not self.kserve else None

    @property
    def kserve(self) -> bool:
        """Whether KServe runs the model."""
        return self.spec.inference_platform == "kserve"

    @property
    def autoscaled(self) -> bool:
        """Whether an autoscaler owns the number of replicas."""
        return bool(self.spec.scale.enabled)

    @property
    def replicas(self) -> int:
        """The replicas that are asked for where no autoscaler owns them."""
        return 1 if self.spec.replicas is None else self.spec.replicas

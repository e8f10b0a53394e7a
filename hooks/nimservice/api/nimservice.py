"""NIMService: one inference microservice, as users write it."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from hooks.kernel.api.image import Image
from hooks.kernel.api.kubernetes import (
    Affinity,
    DeploymentStrategy,
    EnvVar,
    Lifecycle,
    PodAffinity,
    PodSecurityContext,
    ResourceRequirements,
    SecurityContext,
    Toleration,
    TopologySpreadConstraint,
    Volume,
    VolumeMount,
)
from hooks.kernel.api.model import Int32, Int64, Model, PublishedDefault
from hooks.kernel.api.parent import Parent
from hooks.kernel.api.probe import Probe
from hooks.kernel.api.proxy import Proxy
from hooks.nimservice.api.container import ExtraContainer
from hooks.nimservice.api.disruption import PodDisruptionBudget
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
    labels: Annotated[dict[str, str], Field(max_length=64)] = Field(default_factory=dict)
    """Labels of all objects that are made, pods included. Those that are set for you win."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the objects that are made, pods included. `apps.nvidia.com/service-account-token: "true"` gives the pods a token of the Kubernetes API, for a container that calls it."""
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
    init_containers: Annotated[list[ExtraContainer], Field(max_length=64)] = Field(
        default_factory=list
    )
    """Containers that run, one after the other, before the model server."""
    sidecar_containers: Annotated[list[ExtraContainer], Field(max_length=64)] = Field(
        default_factory=list
    )
    """Containers that run beside the model server."""
    termination_grace_period_seconds: Annotated[Int64, Field(ge=0)] | None = None
    """Extension. Seconds that a pod has to finish its requests when it is stopped. 30 where it is absent."""
    lifecycle: Lifecycle | None = None
    """Extension. What the model server's container does after its start and before it is stopped."""
    topology_spread_constraints: Annotated[list[TopologySpreadConstraint], Field(max_length=16)] = (
        Field(default_factory=list)
    )
    """Extension. How the pods spread over nodes and zones. Where `labelSelector` is absent, they spread among the pods of this NIMService."""
    volumes: Annotated[list[Volume], Field(max_length=64)] = Field(default_factory=list)
    """Extension. Further volumes of the pods, such as a claim with adapters."""
    volume_mounts: Annotated[list[VolumeMount], Field(max_length=64)] = Field(default_factory=list)
    """Extension. Where the model server has them. The paths of the model store and of other volumes that are set for you are taken."""
    pod_disruption_budget: PodDisruptionBudget | None = None
    """Extension. How many replicas a drain of nodes may take away at a time. As many as it likes, where it is absent."""
    security_context: SecurityContext | None = None
    """Extension. User and rights of the containers, merged over those that are set for you. The condition `PodSecurityRestricted` says what they cost."""
    pod_security_context: PodSecurityContext | None = None
    """Extension. User and groups of the pods, merged over those of `userID` and `groupID`."""
    strategy: DeploymentStrategy | None = None
    """Extension. How a rollout replaces the pods; of several nodes, the groups. One in four at a time and none beside it, where it is absent."""


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

    @cached_property
    def extra_containers(self) -> tuple[tuple[str, ExtraContainer], ...]:
        """The containers before and beside the model server, each after its path in the spec."""
        return tuple(
            (f"{field}[{index}]", container)
            for field, containers in (
                ("initContainers", self.spec.init_containers),
                ("sidecarContainers", self.spec.sidecar_containers),
            )
            for index, container in enumerate(containers)
        )

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

"""Status: what is observed of a NIMService, as users read it."""

from typing import Annotated, Literal

from pydantic import Field

from hooks.kernel.api.condition import Condition
from hooks.kernel.api.model import Int32, Int64, ListMap, Model, PublishedDefault, Rule


class ModelStatus(Model):
    """The model that is served and where to reach it."""

    name: str | None = None
    """Name of the model, as requests to its API state it. Absent until it is known."""
    observed_generation: Int64 | None = None
    """The `metadata.generation` for which the model server was asked for that name, whatever it said."""
    cluster_endpoint: str
    """Address within the cluster: the Service's `<clusterIP>:<port>`, by its name where it is headless, or the URL that KServe gives."""
    external_endpoint: str
    """Address outside the cluster. Empty where there is none."""


class ModelStore(Model):
    """What the running workload took from its storage. It stays until `spec.storage` changes, whatever becomes of the NIMCache."""

    storage_hash: str | None = None
    """Hash of the `spec.storage` that the rest was found for."""
    nim_cache: str | None = None
    """Name of the NIMCache."""
    claim_name: str | None = None
    """Name of the PersistentVolumeClaim that holds the model."""
    sub_path: str | None = None
    """Folder within the volume."""
    profile: str | None = None
    """Model profile that is served."""
    layout: Literal["legacy", "native"] | None = None
    """How the model's files are laid out."""
    model_name: str | None = None
    """What the model server is told to load."""
    model_path: str | None = None
    """Where the model server finds the model."""
    hugging_face: bool | None = None
    """Whether the model comes from Hugging Face."""
    gpus: str | None = None
    """GPUs that the profile needs."""
    adopted: bool | None = None
    """Whether it was read from pods of which no record existed, such as those of another operator."""


class ChildStatus(Model):
    """What the hooks asked for last of a child other than the workload."""

    name: str
    """Kind and name of the child."""
    hash: str
    """Hash of its spec."""
    since: str | None = None
    """Since when the latest edit has not reached it. Absent where none is on its way."""


class GroupFailure(Model):
    """How a group of pods failed."""

    reason: str
    """Why its containers ended, as the reason of `Ready` says it."""
    message: str
    """What ended and how."""
    remedy: str | None = None
    """What to do about it."""
    time: str
    """When it was found."""


class ResourceClaimStatus(Model):
    """A ResourceClaim and how far it is."""

    name: str
    """Name of the ResourceClaim."""
    state: str
    """`pending`, `allocated`, `reserved` or `deleted`; several are separated by commas."""


class ResourceClaimTemplateStatus(Model):
    """A ResourceClaimTemplate and the claims that were made from it."""

    name: str
    """Name of the ResourceClaimTemplate."""
    resource_claim_statuses: list[ResourceClaimStatus] = Field(default_factory=list)
    """The claims that were made from it."""


class DRAResourceStatus(Model):
    """What became of an entry of `spec.draResources`."""

    rules = (
        Rule(
            "has(self.resourceClaimStatus) != has(self.resourceClaimTemplateStatus)",
            "a status of a claim has exactly one of resourceClaimStatus and resourceClaimTemplateStatus",
        ),
    )

    name: str
    """Name of the claim within the pods."""
    resource_claim_status: ResourceClaimStatus | None = None
    """The claim that all pods share."""
    resource_claim_template_status: ResourceClaimTemplateStatus | None = None
    """The template that each pod's claim is made from."""


class ComputeDomainNode(Model):
    """A node of the ComputeDomain."""

    name: str
    """Name of the node."""
    clique_id: str | None = None
    """NVLink clique of the node."""
    status: Annotated[Literal["Ready", "NotReady"], PublishedDefault()] = "NotReady"
    """Whether the node is ready."""


class ComputeDomainStatus(Model):
    """The ComputeDomain that the pods share and how far it is."""

    name: str
    """Name of the ComputeDomain."""
    status: str | None = None
    """`Ready` or `NotReady`."""
    nodes: list[ComputeDomainNode] = Field(default_factory=list)
    """Nodes that have joined."""


class NIMServiceStatus(Model):
    """What is observed of the inference microservice."""

    observed_generation: Int64 | None = None
    """The `metadata.generation` that this status was found for."""
    state: str | None = None
    """The state in one word: `Pending`, `NotReady`, `Ready` or `Failed`."""
    conditions: Annotated[list[Condition], ListMap("type")] = Field(default_factory=list)
    """The state in detail. `Ready` says what is missing; `Failed`, `Degraded`, `Reconciling` and `Stalled` say how serious it is."""
    replicas: Int32 | None = None
    """Replicas that exist."""
    available_replicas: Int32 | None = None
    """Replicas that serve."""
    selector: str | None = None
    """Label selector of the pods, read by `kubectl scale` and autoscalers."""
    model: ModelStatus | None = None
    """The model that is served and where to reach it."""
    model_store: ModelStore | None = None
    """What the running workload took from its storage."""
    workload_hash: str | None = None
    """Hash of the workload that the hooks asked for last, without its number of replicas."""
    last_progress_time: str | None = None
    """When the rollout of a LeaderWorkerSet or an InferenceService last made progress. Absent where none is in progress, and for a Deployment, which keeps that time itself."""
    group_failure: GroupFailure | None = None
    """How a group of pods failed last. It stays until all groups are ready or the workload changes, because LeaderWorkerSet deletes the pods that tell it."""
    children: Annotated[list[ChildStatus], ListMap("name")] = Field(default_factory=list)
    """What the hooks asked for last of the children other than the workload."""
    dra_resource_statuses: Annotated[list[DRAResourceStatus], ListMap("name")] = Field(
        default_factory=list
    )
    """What became of each entry of `spec.draResources`."""
    compute_domain_status: ComputeDomainStatus | None = None
    """The ComputeDomain that the pods share and how far it is."""

"""Shape: what the hooks read of Kubernetes types that stay plain JSON, checked as a spec is parsed.

A CustomResourceDefinition that was installed by hand may admit other shapes. The hooks copy the
rest unread; the API server checks it.
"""

from dataclasses import dataclass
from typing import Any, Required

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict


@dataclass(frozen=True)
class ReadAs:
    """Mark: a value has this shape in what the hooks read. The value itself stays unchanged."""

    shape: type
    """A TypedDict."""

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the check of the shape, whose result is the value itself."""
        return core_schema.no_info_wrap_validator_function(
            _unchanged, handler.generate_schema(self.shape)
        )


def _unchanged(value: Any, check: core_schema.ValidatorFunctionWrapHandler) -> Any:
    check(value)
    return value


Amount = int | str


class ResourceFieldReference(TypedDict, total=False):
    """A resource of a container."""

    divisor: Amount


class EnvVarSource(TypedDict, total=False):
    """Where the value of a variable comes from."""

    fieldRef: dict[str, Any]
    resourceFieldRef: ResourceFieldReference


class EnvVar(TypedDict, total=False):
    """An environment variable."""

    name: Required[str]
    value: str
    valueFrom: EnvVarSource


class ContainerPort(TypedDict, total=False):
    """A port of a container."""

    containerPort: Required[int]
    name: str
    protocol: str


class Handler(TypedDict, total=False):
    """What a probe asks by HTTP or TCP."""

    port: Amount


class GRPCHandler(TypedDict, total=False):
    """What a probe asks by gRPC."""

    port: Required[int]
    service: str


class Probe(TypedDict, total=False):
    """A probe of a container."""

    initialDelaySeconds: int
    periodSeconds: int
    failureThreshold: int
    httpGet: Handler
    tcpSocket: Handler
    grpc: GRPCHandler


class ResourceRequirements(TypedDict, total=False):
    """The compute resources of a container."""

    requests: dict[str, Amount]
    limits: dict[str, Amount]


class RollingUpdate(TypedDict, total=False):
    """How many pods a rollout adds and takes away at a time."""

    maxSurge: Amount
    maxUnavailable: Amount


class DeploymentStrategy(TypedDict, total=False):
    """How a Deployment replaces its pods."""

    type: str
    rollingUpdate: RollingUpdate


class ServiceAccountToken(TypedDict, total=False):
    """A token of the Kubernetes API in a volume."""

    expirationSeconds: int


class DownwardItem(TypedDict, total=False):
    """A file with a fact about the pod."""

    fieldRef: dict[str, Any]
    resourceFieldRef: ResourceFieldReference


class DownwardAPI(TypedDict, total=False):
    """A folder of such files."""

    items: list[DownwardItem]


class ProjectedSource(TypedDict, total=False):
    """A part of a volume that is put together."""

    serviceAccountToken: ServiceAccountToken
    downwardAPI: DownwardAPI


class Projected(TypedDict, total=False):
    """A volume that is put together."""

    sources: list[ProjectedSource]


class EmptyDir(TypedDict, total=False):
    """An empty folder."""

    sizeLimit: Amount


class ClaimSpec(TypedDict, total=False):
    """What a claim asks for."""

    resources: ResourceRequirements


class ClaimTemplate(TypedDict, total=False):
    """A claim that is made for a pod."""

    spec: ClaimSpec


class Ephemeral(TypedDict, total=False):
    """A volume that lives as long as its pod."""

    volumeClaimTemplate: ClaimTemplate


class Volume(TypedDict, total=False):
    """A volume of a pod."""

    name: Required[str]
    ephemeral: Ephemeral
    projected: Projected
    downwardAPI: DownwardAPI
    emptyDir: EmptyDir


class VolumeMount(TypedDict, total=False):
    """Where a container has a volume."""

    name: Required[str]
    mountPath: Required[str]
    subPath: str
    subPathExpr: str


class Capabilities(TypedDict, total=False):
    """The capabilities of a container."""

    add: list[str]
    drop: list[str]


class SecurityContext(TypedDict, total=False):
    """The user and the rights of a container."""

    runAsUser: int
    privileged: bool
    capabilities: Capabilities


class PodSecurityContext(TypedDict, total=False):
    """The user and the groups of a pod."""

    runAsUser: int


class MetricTarget(TypedDict, total=False):
    """The value that an autoscaler aims at."""

    type: Required[str]
    value: Amount
    averageValue: Amount
    averageUtilization: int


class MetricSource(TypedDict, total=False):
    """What an autoscaler measures."""

    target: MetricTarget


class ResourceMetricSource(TypedDict):
    """A resource of the pods that an autoscaler measures."""

    name: str
    target: MetricTarget


class MetricSpec(TypedDict, total=False):
    """A metric that an autoscaler scales on."""

    type: Required[str]
    containerResource: MetricSource
    external: MetricSource
    object: MetricSource
    pods: MetricSource
    resource: ResourceMetricSource


class ScalingRules(TypedDict, total=False):
    """How fast an autoscaler scales one way."""

    tolerance: Amount


class HorizontalPodAutoscalerBehavior(TypedDict, total=False):
    """How fast an autoscaler scales."""

    scaleUp: ScalingRules
    scaleDown: ScalingRules

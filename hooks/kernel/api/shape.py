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

"""Scale: horizontal autoscaling."""

from typing import Annotated

from pydantic import Field

from hooks.api.kubernetes import HorizontalPodAutoscalerBehavior, MetricSpec
from hooks.api.model import Int32, Model, PublishedDefault


class HorizontalPodAutoscaler(Model):
    """What the HorizontalPodAutoscaler is told."""

    min_replicas: Annotated[Int32, Field(ge=1), PublishedDefault()] = 1
    """The fewest replicas."""
    max_replicas: Int32
    """The most replicas."""
    metrics: list[MetricSpec] = []
    """The metrics to scale on. Kubernetes scales on 80 % of the requested CPU where there are none."""
    behavior: HorizontalPodAutoscalerBehavior | None = None
    """How fast to scale up and down."""


class Scale(Model):
    """Horizontal autoscaling."""

    enabled: bool | None = None
    """Whether an autoscaler owns the number of replicas. `spec.replicas` must be absent then."""
    hpa: HorizontalPodAutoscaler | None = None
    """What the HorizontalPodAutoscaler is told."""
    annotations: dict[str, str] = {}
    """Annotations of the HorizontalPodAutoscaler."""

"""Scale: horizontal autoscaling."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.kubernetes import HorizontalPodAutoscalerBehavior, MetricSpec
from hooks.kernel.api.model import Int32, Model, PublishedDefault, Rule

METRIC_SOURCES = ("containerResource", "external", "object", "pods", "resource")
"""The fields of a metric that say what is measured, each with a target."""

SCALING_WAYS = ("scaleUp", "scaleDown")
"""The fields of a behaviour, each with its rules."""


class HorizontalPodAutoscaler(Model):
    """What the HorizontalPodAutoscaler is told."""

    min_replicas: Annotated[Int32, Field(ge=1), PublishedDefault()] = 1
    """The fewest replicas."""
    max_replicas: Int32
    """The most replicas."""
    metrics: list[MetricSpec] = Field(default_factory=list)
    """The metrics to scale on. Kubernetes scales on 80 % of the requested CPU where there are none."""
    behavior: HorizontalPodAutoscalerBehavior | None = None
    """How fast to scale up and down."""


class Scale(Model):
    """Horizontal autoscaling."""

    rules = (
        Rule(
            "!(has(self.enabled) && self.enabled) || has(self.hpa)",
            "scale.hpa is required where scale.enabled is true; give at least scale.hpa.maxReplicas",
            field_path=".hpa",
            reason="FieldValueRequired",
        ),
        # Only while it is enabled: the reference operator's own writes leave `maxReplicas: 0` behind.
        Rule(
            "!(has(self.enabled) && self.enabled) || !has(self.hpa) || self.hpa.maxReplicas >= self.hpa.minReplicas",
            "scale.hpa.maxReplicas must not be less than scale.hpa.minReplicas, which is 1 where it is absent",
            field_path=".hpa.maxReplicas",
        ),
    )

    enabled: bool | None = None
    """Whether an autoscaler owns the number of replicas. `spec.replicas` must be absent then."""
    hpa: HorizontalPodAutoscaler | None = None
    """What the HorizontalPodAutoscaler is told."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the HorizontalPodAutoscaler."""

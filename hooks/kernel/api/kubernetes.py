"""Kubernetes types inside the API: plain JSON here, full schemas in the CRD.

The hooks copy these objects unchanged into pods and other children. Each alias names a definition
of the Kubernetes API, whose schema the CRD generator inserts, and the shape of what the hooks read.
"""

from dataclasses import dataclass
from typing import Annotated

from hooks.kernel.api import shape
from hooks.kernel.api.shape import ReadAs
from hooks.kernel.document import JSON


@dataclass(frozen=True)
class Definition:
    """Mark: the schema is that of a definition of the Kubernetes API."""

    name: str
    """Without its ``io.k8s.api.`` prefix, for example ``core.v1.Affinity``."""


Affinity = Annotated[JSON, Definition("core.v1.Affinity")]
PodAffinity = Annotated[JSON, Definition("core.v1.PodAffinity")]
Toleration = Annotated[JSON, Definition("core.v1.Toleration")]
EnvVar = Annotated[JSON, Definition("core.v1.EnvVar"), ReadAs(shape.EnvVar)]
Probe = Annotated[JSON, Definition("core.v1.Probe"), ReadAs(shape.Probe)]
ContainerPort = Annotated[JSON, Definition("core.v1.ContainerPort"), ReadAs(shape.ContainerPort)]
ResourceRequirements = Annotated[
    JSON, Definition("core.v1.ResourceRequirements"), ReadAs(shape.ResourceRequirements)
]
Lifecycle = Annotated[JSON, Definition("core.v1.Lifecycle")]
TopologySpreadConstraint = Annotated[JSON, Definition("core.v1.TopologySpreadConstraint")]
DeploymentStrategy = Annotated[
    JSON, Definition("apps.v1.DeploymentStrategy"), ReadAs(shape.DeploymentStrategy)
]
Volume = Annotated[JSON, Definition("core.v1.Volume"), ReadAs(shape.Volume)]
VolumeMount = Annotated[JSON, Definition("core.v1.VolumeMount"), ReadAs(shape.VolumeMount)]
SecurityContext = Annotated[
    JSON, Definition("core.v1.SecurityContext"), ReadAs(shape.SecurityContext)
]
PodSecurityContext = Annotated[
    JSON, Definition("core.v1.PodSecurityContext"), ReadAs(shape.PodSecurityContext)
]
IngressSpec = Annotated[JSON, Definition("networking.v1.IngressSpec")]
MetricSpec = Annotated[JSON, Definition("autoscaling.v2.MetricSpec"), ReadAs(shape.MetricSpec)]
HorizontalPodAutoscalerBehavior = Annotated[
    JSON,
    Definition("autoscaling.v2.HorizontalPodAutoscalerBehavior"),
    ReadAs(shape.HorizontalPodAutoscalerBehavior),
]
IntOrString = Annotated[int | str, Definition("apimachinery.pkg.util.intstr.IntOrString")]
"""A number or a percentage, for example ``1`` or ``25%``."""
Quantity = Annotated[int | str, Definition("apimachinery.pkg.api.resource.Quantity")]
"""A quantity as users write it, for example ``1``, ``500m`` or ``50Gi``."""

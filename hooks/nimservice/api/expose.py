"""Expose: the Service and the routes to it."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.kubernetes import IngressSpec
from hooks.kernel.api.model import Model, Port, PublishedDefault, Rule
from hooks.nimservice.api.router import Router

ServiceType = Annotated[
    str, Field(json_schema_extra={"enum": ["", "ClusterIP", "NodePort", "LoadBalancer"]})
]


class Service(Model):
    """The Service in front of the replicas."""

    type: ServiceType | None = None
    """Type of the Service: `ClusterIP`, `NodePort` or `LoadBalancer`. `ClusterIP` where it is absent."""
    name: str | None = None
    """Name of a second Service within the cluster, where no other object has it. The first has the NIMService's own name."""
    port: Annotated[Port, PublishedDefault()] = 8000
    """Port of the HTTP API. The model server listens to it too."""
    grpc_port: Port | None = None
    """Port of the gRPC API. The model server listens to it too."""
    metrics_port: Port | None = None
    """Port of the inference server's own metrics. The model server listens to it too."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the Service."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels of the Service."""


class Ingress(Model):
    """An Ingress written out in full. Deprecated: use `router.ingress`."""

    enabled: bool | None = None
    """Whether to create the Ingress."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the Ingress."""
    spec: IngressSpec = Field(default_factory=dict)
    """Spec of the Ingress, used as it is."""


class Expose(Model):
    """The Service and the routes to it."""

    rules = (
        Rule(
            "!(has(self.router) && has(self.router.gateway) && has(self.router.gateway.grpcRoutesEnabled)"
            " && self.router.gateway.grpcRoutesEnabled) || (has(self.service) && has(self.service.grpcPort))",
            "expose.service.grpcPort is required where expose.router.gateway.grpcRoutesEnabled is true; give the port of the gRPC API",
            field_path=".service.grpcPort",
            reason="FieldValueRequired",
        ),
    )

    service: Service = Field(default_factory=Service)
    """The Service in front of the replicas."""
    ingress: Ingress = Field(default_factory=Ingress)
    """An Ingress written out in full. Deprecated: use `router.ingress`."""
    router: Router = Field(default_factory=Router)
    """How clients outside the cluster reach the model."""

"""Router: how clients outside the cluster reach the model."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.model import Int32, Model, Name, Port, PublishedDefault, Rule
from hooks.nimservice.api.endpointpicker import EndpointPicker


class RouterIngress(Model):
    """An Ingress."""

    ingress_class: Name
    """Name of the IngressClass."""
    tls_secret_name: str | None = None
    """Name of the Secret of type `kubernetes.io/tls` for the host. The Ingress serves plain HTTP where it is absent."""


class BackendRef(Model):
    """Where a route sends its requests, in place of the NIMService's own Service."""

    rules = (
        Rule(
            "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true",
            "backendRef.port is required for a Service; set it to the port of the Service",
        ),
    )

    group: Annotated[
        str,
        Field(
            max_length=253,
            pattern=r"^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        ),
        PublishedDefault(),
    ] = ""
    """API group of the backend; empty for a Service."""
    kind: Annotated[
        str,
        Field(min_length=1, max_length=63, pattern=r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$"),
        PublishedDefault(),
    ] = "Service"
    """Kind of the backend."""
    name: Annotated[str, Field(min_length=1, max_length=253)]
    """Name of the backend."""
    namespace: (
        Annotated[
            str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        ]
        | None
    ) = None
    """Namespace of the backend; the NIMService's own where it is absent. Another one needs a ReferenceGrant."""
    port: Port | None = None
    """Port of the backend; a Service needs one."""
    weight: Annotated[Int32, Field(ge=0, le=1000000), PublishedDefault()] = 1
    """Share of the requests, relative to other backends of the route."""


Duration = Annotated[str, Field(pattern=r"^([0-9]{1,5}(h|m|s|ms)){1,4}$")]
"""A duration of the Gateway API, for example ``10m`` or ``1m30s``."""


class Timeouts(Model):
    """How long a Gateway waits for the model."""

    rules = (
        Rule(
            "!(has(self.request) && has(self.backendRequest)) || duration(self.request) == duration('0s')"
            " || duration(self.backendRequest) <= duration(self.request)",
            "timeouts.backendRequest must not be longer than timeouts.request; shorten it",
            field_path=".backendRequest",
        ),
    )

    request: Duration | None = None
    """Extension. Time for a whole request and its answer, such as `10m`; `0s` for no limit. The Gateway's own where it is absent."""
    backend_request: Duration | None = None
    """Extension. Time for one attempt to reach the model, such as `10m`."""


class Gateway(Model):
    """Routes of the Gateway API."""

    namespace: Name
    """Namespace of the Gateway."""
    name: Name
    """Name of the Gateway."""
    http_routes_enabled: Annotated[bool, PublishedDefault()] = True
    """Whether to create an HTTPRoute."""
    grpc_routes_enabled: Annotated[bool, PublishedDefault()] = False
    """Whether to create a GRPCRoute. `expose.service.grpcPort` is required then."""
    backend_ref: BackendRef | None = None
    """Where the routes send their requests, in place of the NIMService's own Service or InferencePool."""
    timeouts: Timeouts | None = None
    """Extension. How long the Gateway waits for the model, on the HTTPRoute."""


class Router(Model):
    """How clients outside the cluster reach the model: through an Ingress or through a Gateway."""

    rules = (
        Rule(
            "!(has(self.gateway) && has(self.ingress))",
            "ingress and gateway cannot be specified together; remove one of router.ingress and router.gateway",
        ),
    )

    host_domain_name: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=63,
                pattern=r"^(([a-z0-9][a-z0-9\-]*[a-z0-9])|[a-z0-9]+\.)*([a-z]+|xn\-\-[a-z0-9]+)\.?$",
            ),
        ]
        | None
    ) = None
    """Domain of the host name, which is `<name>.<namespace>.<hostDomainName>`. Every host matches where it is absent."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the Ingress, HTTPRoute and GRPCRoute."""
    ingress: RouterIngress | None = None
    """An Ingress."""
    gateway: Gateway | None = None
    """Routes of the Gateway API."""
    epp_config: EndpointPicker | None = None
    """An endpoint picker and an InferencePool of the Gateway API inference extension. Standalone platform only."""

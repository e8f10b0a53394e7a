"""DRA: devices by Dynamic Resource Allocation."""

from typing import Annotated, Literal

from pydantic import Field

from hooks.api.kubernetes import Quantity
from hooks.api.model import Int32, Model, PublishedDefault, Rule

_SUBDOMAIN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=_SUBDOMAIN)]
DeviceName = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
Operator = Literal["Equal", "NotEqual", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"]


class AttributeValue(Model):
    """The value that an attribute is compared with. Exactly one field is to be given."""

    bool_value: bool | None = None
    """A truth value; compared by `Equal` and `NotEqual` only."""
    int_value: Int32 | None = None
    """A whole number."""
    string_value: Annotated[str, Field(max_length=64)] | None = None
    """A text; compared by `Equal` and `NotEqual` only."""
    version_value: Annotated[str, Field(max_length=64)] | None = None
    """A semantic version, for example `9.0.0`."""


class AttributeSelector(Model):
    """A condition on an attribute of the device."""

    key: Annotated[str, Field(max_length=64)]
    """Name of the attribute, with its domain in front (`domain/name`) where it is not the driver's own."""
    op: Annotated[Operator, PublishedDefault()] = "Equal"
    """How the attribute is compared."""
    value: AttributeValue
    """The value that the attribute is compared with."""


class CapacitySelector(Model):
    """A condition on a capacity of the device."""

    key: Annotated[str, Field(max_length=64)]
    """Name of the capacity, with its domain in front (`domain/name`) where it is not the driver's own."""
    op: Annotated[Operator, PublishedDefault()] = "Equal"
    """How the capacity is compared."""
    value: Quantity
    """The quantity that the capacity is compared with, for example `40Gi`."""


class Device(Model):
    """A request for devices of one kind."""

    rules = (
        Rule(
            "(has(self.celExpressions) && !(has(self.attributeSelectors) || has(self.capacitySelectors))) || !has(self.celExpressions)",
            "celExpressions must not be set if attributeSelectors or capacitySelectors are set: write all conditions in one form",
        ),
    )

    name: DeviceName
    """Name of the request."""
    count: Annotated[Int32, Field(ge=1), PublishedDefault()] = 1
    """Number of devices."""
    device_class_name: Annotated[str, Field(min_length=1), PublishedDefault()] = "gpu.nvidia.com"
    """DeviceClass to choose from."""
    driver_name: Annotated[str, Field(min_length=1, max_length=253, pattern=_SUBDOMAIN), PublishedDefault()] = "gpu.nvidia.com"
    """DRA driver that provides the devices, and the domain of unqualified attribute and capacity names."""
    attribute_selectors: Annotated[list[AttributeSelector], Field(max_length=20)] = []
    """Conditions on attributes; all must hold."""
    capacity_selectors: Annotated[list[CapacitySelector], Field(max_length=12)] = []
    """Conditions on capacities; all must hold."""
    cel_expressions: list[str] = []
    """Conditions in CEL over `device`; all must hold."""


class ClaimCreation(Model):
    """A claim that is made for each pod."""

    generate_name: Annotated[str, Field(min_length=1, max_length=16)] | None = None
    """First part of the ResourceClaimTemplate's name. `claimtemplate` where it is absent."""
    devices: Annotated[list[Device], Field(min_length=1)]
    """The devices of the claim."""


class DRAResource(Model):
    """A claim on devices that every pod uses. Its source cannot be changed once the NIMService exists."""

    rules = (
        Rule(
            "(has(self.resourceClaimName) ? 1 : 0) + (has(self.resourceClaimTemplateName) ? 1 : 0) + (has(self.claimCreationSpec) ? 1 : 0) == 1",
            "exactly one of spec.resourceClaimName, spec.resourceClaimTemplateName, or spec.claimCreationSpec must be set.",
        ),
    )

    resource_claim_name: ObjectName | None = None
    """Name of a ResourceClaim that exists. All pods share it."""
    resource_claim_template_name: ObjectName | None = None
    """Name of a ResourceClaimTemplate that exists. Each pod gets a claim of its own."""
    claim_creation_spec: ClaimCreation | None = None
    """A claim that is made for each pod, from a ResourceClaimTemplate of this NIMService."""
    requests: list[Annotated[str, Field(min_length=1)]] = []
    """Requests of the claim that the containers use. The whole claim where there are none."""

"""DRA: devices by Dynamic Resource Allocation."""

from typing import Annotated, Literal

from pydantic import Field

from hooks.kernel.api.kubernetes import Quantity
from hooks.kernel.api.model import Int32, Model, PublishedDefault, Required, Rule

_SUBDOMAIN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=_SUBDOMAIN)]
DeviceName = Annotated[
    str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
]
SEMVER = (
    r"(?i)^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}"
    r"(-(0|[1-9]\d*|\d*[a-z-][\da-z-]*)(\.(0|[1-9]\d*|\d*[a-z-][\da-z-]*))*)?"
    r"(\+[\da-z-]+(\.[\da-z-]+)*)?$"
)
VERSION = Rule(
    f"self.matches(r'{SEMVER}')",
    "versionValue must be a semantic version such as 9.0.0, three numbers without leading zeros",
)
Version = Annotated[str, Field(max_length=64), VERSION]
Operator = Literal[
    "Equal", "NotEqual", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"
]


class AttributeValue(Model):
    """The value that an attribute is compared with. Exactly one field is to be given."""

    rules = (
        Rule(
            "(has(self.boolValue) ? 1 : 0) + (has(self.intValue) ? 1 : 0)"
            " + (has(self.stringValue) ? 1 : 0) + (has(self.versionValue) ? 1 : 0) == 1",
            "value must have exactly one of boolValue, intValue, stringValue and versionValue",
        ),
    )

    bool_value: bool | None = None
    """A truth value; compared by `Equal` and `NotEqual` only."""
    int_value: Int32 | None = None
    """A whole number."""
    string_value: Annotated[str, Field(max_length=64)] | None = None
    """A text; compared by `Equal` and `NotEqual` only."""
    version_value: Version | None = None
    """A semantic version, for example `9.0.0`."""


class AttributeSelector(Model):
    """A condition on an attribute of the device."""

    rules = (
        Rule(
            "self.op in ['Equal', 'NotEqual'] || !(has(self.value.boolValue) || has(self.value.stringValue))",
            "op must be Equal or NotEqual for boolValue and stringValue, because only intValue and versionValue have an order",
            field_path=".op",
        ),
    )

    key: Annotated[str, Field(max_length=64)]
    """Name of the attribute, with its domain in front (`domain/name`) where it is not the driver's own."""
    op: Annotated[Operator, Required(), PublishedDefault()] = "Equal"
    """How the attribute is compared."""
    value: AttributeValue
    """The value that the attribute is compared with."""


class CapacitySelector(Model):
    """A condition on a capacity of the device."""

    key: Annotated[str, Field(max_length=64)]
    """Name of the capacity, with its domain in front (`domain/name`) where it is not the driver's own."""
    op: Annotated[Operator, Required(), PublishedDefault()] = "Equal"
    """How the capacity is compared."""
    value: Quantity
    """The quantity that the capacity is compared with, for example `40Gi`."""


# The keys of all selectors, without the domain where it is the driver's own.
_KEYS = " + ".join(
    f"(has(self.{selectors}) ? self.{selectors}.map(selector, selector.key.startsWith(self.driverName + '/')"
    " ? selector.key.substring(size(self.driverName) + 1) : selector.key) : [])"
    for selectors in ("attributeSelectors", "capacitySelectors")
)

ONE_CONDITION_A_KEY = Rule(
    f"[{_KEYS}].all(keys, keys.all(key, keys.exists_one(other, other == key)))",
    "attributeSelectors and capacitySelectors must not name a key twice, be it with or without its domain;"
    " write several conditions on one key as celExpressions",
    reason="FieldValueDuplicate",
)


class Device(Model):
    """A request for devices of one kind."""

    rules = (
        Rule(
            "(has(self.celExpressions) && !(has(self.attributeSelectors) || has(self.capacitySelectors))) || !has(self.celExpressions)",
            "celExpressions must not be set if attributeSelectors or capacitySelectors are set; write all conditions in one form",
        ),
        ONE_CONDITION_A_KEY,
    )

    name: DeviceName
    """Name of the request."""
    count: Annotated[Int32, Field(ge=1), Required(), PublishedDefault()] = 1
    """Number of devices."""
    device_class_name: Annotated[str, Field(min_length=1), Required(), PublishedDefault()] = (
        "gpu.nvidia.com"
    )
    """DeviceClass to choose from."""
    driver_name: Annotated[
        str, Field(min_length=1, max_length=253, pattern=_SUBDOMAIN), PublishedDefault()
    ] = "gpu.nvidia.com"
    """DRA driver that provides the devices, and the domain of unqualified attribute and capacity names."""
    attribute_selectors: Annotated[list[AttributeSelector], Field(max_length=20)] = Field(
        default_factory=list
    )
    """Conditions on attributes; all must hold."""
    capacity_selectors: Annotated[list[CapacitySelector], Field(max_length=12)] = Field(
        default_factory=list
    )
    """Conditions on capacities; all must hold."""
    cel_expressions: list[str] = Field(default_factory=list)
    """Conditions in CEL over `device`; all must hold."""


class ClaimCreation(Model):
    """A claim that is made for each pod."""

    generate_name: Annotated[str, Field(min_length=1, max_length=16)] | None = None
    """First part of the ResourceClaimTemplate's name. `claimtemplate` where it is absent."""
    devices: Annotated[list[Device], Field(min_length=1, max_length=32)]
    """The devices of the claim."""


class DRAResource(Model):
    """A claim on devices that every pod uses. Its source cannot be changed once the NIMService exists."""

    rules = (
        Rule(
            "(has(self.resourceClaimName) ? 1 : 0) + (has(self.resourceClaimTemplateName) ? 1 : 0) + (has(self.claimCreationSpec) ? 1 : 0) == 1",
            "an entry of draResources has exactly one of resourceClaimName, resourceClaimTemplateName and claimCreationSpec; keep one",
        ),
    )

    resource_claim_name: ObjectName | None = None
    """Name of a ResourceClaim that exists. All pods share it."""
    resource_claim_template_name: ObjectName | None = None
    """Name of a ResourceClaimTemplate that exists. Each pod gets a claim of its own."""
    claim_creation_spec: ClaimCreation | None = None
    """A claim that is made for each pod, from a ResourceClaimTemplate of this NIMService."""
    requests: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    """Requests of the claim that the containers use. The whole claim where there are none."""

"""Refusal of devices and groups: what cannot be built is refused with path and remedy, whether or
not admission saw it."""

import pytest
from pydantic import ValidationError

from hooks.kernel.validation import of_types
from hooks.nimservice import validation
from hooks.nimservice.api.nimservice import NIMService
from tests.situations import nimservice as situation

MULTI_NODE = {"parallelism": {"pipeline": 2, "tensor": 8}}


def refused(**spec):
    finding = validation.of(NIMService.parse(situation.nimservice(**spec)))
    if finding is None:
        return None
    assert finding.reason == "InvalidSpec"
    return finding.text


def created(**device):
    return {"claimCreationSpec": {"devices": [{"name": "nic"}, {"name": "gpu", **device}]}}


def selector(**selector):
    return created(attributeSelectors=[{"key": "model", **selector}])


NIC = {"resourceClaimTemplateName": "nics"}
DEVICE = "spec.draResources[1].claimCreationSpec.devices[1]"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "spec.draResources[1]: must have exactly one of "),
        (
            {"resourceClaimName": "a", "resourceClaimTemplateName": "b"},
            "spec.draResources[1]: must have exactly one of ",
        ),
        (
            {**created(), "resourceClaimName": "a"},
            "spec.draResources[1]: must have exactly one of ",
        ),
        (selector(value={}), f"{DEVICE}.attributeSelectors[0].value: is empty; "),
        (
            selector(op="LessThan", value={"boolValue": True}),
            f"{DEVICE}.attributeSelectors[0].op: ",
        ),
        (
            selector(value={"versionValue": "550.127.08"}),
            f"{DEVICE}.attributeSelectors[0].value.versionValue: ",
        ),
        (
            selector(key="driver-version", value={"intValue": 1}),
            f"{DEVICE}.attributeSelectors[0].key: ",
        ),
        (
            created(capacitySelectors=[{"key": "memory", "value": "40 gigs"}]),
            f"{DEVICE}.capacitySelectors[0].value: ",
        ),
        (
            created(celExpressions=["true"], capacitySelectors=[{"key": "memory", "value": 1}]),
            f"{DEVICE}.celExpressions: must be absent ",
        ),
    ],
)
def test_an_entry_that_cannot_be_claimed_is_refused(entry, message):
    """Q36, I-6, I-24: the reference panics or finds it only when it reconciles."""
    assert refused(draResources=[NIC, entry]).startswith(message)


def test_a_selector_without_the_field_value_is_refused_with_its_path():
    """Q36, I-6: the reference panics."""
    nim = situation.nimservice(draResources=[created(attributeSelectors=[{"key": "model"}])])
    with pytest.raises(ValidationError) as failure:
        NIMService.parse(nim)
    finding = of_types("NIMService", nim, failure.value)
    assert finding.text.startswith(
        "spec.draResources[0].claimCreationSpec.devices[1].attributeSelectors[0].value: is required"
    )


def test_a_claim_is_named_once():
    one = {"resourceClaimName": "gpus", "requests": ["a"]}
    assert refused(draResources=[one, NIC, one]).startswith(
        "spec.draResources[0].resourceClaimName: names gpus a second time"
    )
    assert refused(draResources=[one, NIC, {"resourceClaimName": "nics"}, NIC]) is None


@pytest.mark.parametrize(
    "spec", [{"replicas": 2}, {"scale": {"enabled": True, "hpa": {"maxReplicas": 3}}}]
)
def test_several_replicas_cannot_share_a_claim(spec):
    claim = [{"resourceClaimName": "gpus"}]
    assert refused(draResources=claim, **spec).startswith(
        "spec.draResources[0].resourceClaimName: names a single claim"
    )
    assert refused(draResources=claim) is None
    assert refused(draResources=[NIC], **spec) is None


@pytest.mark.parametrize(
    ("multi", "message"),
    [
        ({"mpi": {}, "ray": {}}, "spec.multiNode.mpi: must be absent beside ray"),
        (
            {"ray": {"rayPort": 8000}},
            "spec.multiNode.ray.rayPort: 8000 is already a port of spec.expose.service",
        ),
        (
            {"computeDomain": {}},
            "spec.multiNode.computeDomain: must have exactly one of create and name",
        ),
        (
            {"computeDomain": {"create": True, "name": "rack-1"}},
            "spec.multiNode.computeDomain: must have ",
        ),
    ],
)
def test_a_group_that_cannot_be_built_is_refused(multi, message):
    assert refused(multiNode={**MULTI_NODE, **multi}).startswith(message)


def test_a_group_is_not_autoscaled():
    scale = {"enabled": True, "hpa": {"maxReplicas": 3}}
    assert refused(multiNode=MULTI_NODE, scale=scale).startswith(
        "spec.scale.enabled: must be false beside spec.multiNode"
    )


@pytest.mark.parametrize(
    "multi",
    [
        {},
        {"mpi": {}},
        {"ray": {}},
        {"computeDomain": {"create": True}},
        {"computeDomain": {"name": "rack-1"}},
    ],
)
def test_a_group_that_can_be_built_is_not_refused(multi):
    assert refused(multiNode={**MULTI_NODE, **multi}) is None

"""ResourceClaimTemplate: the devices that each pod gets, where the NIMService describes them
itself."""

from hooks.nimservice import children, kinds
from tests.situations import nimservice as situation

GPU = {
    "name": "gpu",
    "attributeSelectors": [{"key": "architecture", "value": {"stringValue": "Ampere"}}],
    "capacitySelectors": [{"key": "memory", "op": "GreaterThanOrEqual", "value": "40Gi"}],
}


def templates(*entries, children_=(), manages=kinds.MANAGED, **spec):
    ctx = situation.context(children_, manages=manages, draResources=list(entries), **spec)
    return [
        child for child in children.plan(ctx).children if child["kind"] == "ResourceClaimTemplate"
    ]


def created(*devices, **spec):
    return {"claimCreationSpec": {"devices": list(devices), **spec}}


def test_absent_by_default():
    assert templates() == []


def test_claims_and_templates_that_exist_need_none():
    assert templates({"resourceClaimTemplateName": "gpus"}, {"resourceClaimName": "nic"}) == []


def test_one_for_each_entry_that_says_how_its_claim_is_made():
    made = templates(
        {"resourceClaimTemplateName": "gpus"},
        created(GPU),
        created({"name": "nic"}, generateName="net"),
    )
    assert [each["metadata"]["name"] for each in made] == [
        "claimtemplate-6649479bc4-1",
        "net-6649479bc4-2",
    ]


def test_a_request_has_every_default_written_out():
    """What is stored is what was asked for: a template is never updated."""
    (made,) = templates(created(GPU))
    assert made["spec"]["spec"]["devices"]["requests"] == [
        {
            "name": "gpu",
            "exactly": {
                "allocationMode": "ExactCount",
                "count": 1,
                "deviceClassName": "gpu.nvidia.com",
                "selectors": [
                    {"cel": {"expression": 'device.driver == "gpu.nvidia.com"'}},
                    {
                        "cel": {
                            "expression": 'device.attributes["gpu.nvidia.com"].architecture == "Ampere"'
                        }
                    },
                    {
                        "cel": {
                            "expression": '(device.capacity["gpu.nvidia.com"].memory).compareTo(quantity("40Gi")) >= 0'
                        }
                    },
                ],
            },
        }
    ]


def test_devices_are_requests_of_one_claim():
    mig = {
        "name": "mig",
        "count": 2,
        "deviceClassName": "mig.nvidia.com",
        "driverName": "dra.example.com",
    }
    (made,) = templates(created(GPU, mig))
    first, second = made["spec"]["spec"]["devices"]["requests"]
    assert (first["name"], second["name"]) == ("gpu", "mig")
    assert second["exactly"] == {
        "allocationMode": "ExactCount",
        "count": 2,
        "deviceClassName": "mig.nvidia.com",
        "selectors": [{"cel": {"expression": 'device.driver == "dra.example.com"'}}],
    }


def test_claims_are_labelled_and_annotated_like_the_template():
    (made,) = templates(created(GPU), labels={"team": "nlp"}, annotations={"note": "x"})
    assert made["metadata"]["labels"] == made["spec"]["metadata"]["labels"]
    assert made["metadata"]["labels"]["team"] == "nlp"
    assert (
        made["metadata"]["annotations"] == made["spec"]["metadata"]["annotations"] == {"note": "x"}
    )


def test_it_is_never_updated():
    """Q4, I-4: the reference panics when labels, annotations, the proxy or hostPath change."""
    assert kinds.RESOURCE_CLAIM_TEMPLATE.strategy == "OnDelete"


def test_without_its_component_it_is_left_out_and_named():
    managed = [kind for kind in kinds.MANAGED if kind is not kinds.RESOURCE_CLAIM_TEMPLATE]
    ctx = situation.context(manages=managed, draResources=[created(GPU)])
    plan = children.plan(ctx)
    assert "ResourceClaimTemplate" not in {child["kind"] for child in plan.children}
    assert [finding.reason for finding in plan.findings] == ["KindNotManaged"]
    assert plan.findings[0].remedy == "add the component dra"


def test_no_version_of_the_server_is_asked_for():
    """Q35, I-24: the reference refuses a distributor's v1.34.0-x; here the installation says
    whether the API is there."""
    assert templates(created(GPU), manages=[kinds.RESOURCE_CLAIM_TEMPLATE, kinds.DEPLOYMENT])

"""Claim: how a pod and its containers state their claims on devices."""

import pytest

from hooks.nimservice import children, kinds
from hooks.nimservice.children.template import claim
from hooks.nimservice.device.claim import DeviceClaim
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache

GPU = DeviceClaim("claim-a", "resourceClaimTemplateName", "gpus")
SIDECAR = {"name": "exporter", "image": {"repository": "exporter", "tag": "1"}}
INIT = {"name": "fetch", "image": {"repository": "fetch", "tag": "1"}}


def plan(**spec):
    return children.plan(situation.context(**spec))


def pod(**spec):
    (made,) = (child for child in plan(**spec).children if child["kind"] == kinds.DEPLOYMENT.kind)
    return made["spec"]["template"]["spec"]


def created(*names):
    return {"claimCreationSpec": {"devices": [{"name": name} for name in names]}}


def test_a_pod_claims_nothing_unless_asked_to():
    assert "resourceClaims" not in pod()
    assert "resources" not in pod()["containers"][0]


def test_a_pod_names_the_claim_or_the_template():
    claims = [DeviceClaim("claim-b", "resourceClaimName", "shared"), GPU]
    assert claim.entries(claims) == [
        {"name": "claim-b", "resourceClaimName": "shared"},
        {"name": "claim-a", "resourceClaimTemplateName": "gpus"},
    ]


def test_model_server_and_sidecars_use_every_claim_and_init_containers_none():
    made = pod(
        draResources=[{"resourceClaimTemplateName": "gpus"}, created("nic")],
        sidecarContainers=[SIDECAR],
        initContainers=[INIT],
    )
    names = [{"name": each["name"]} for each in made["resourceClaims"]]
    assert len(names) == 2
    assert [container["resources"]["claims"] for container in made["containers"]] == [names, names]
    assert "resources" not in made["initContainers"][0]


def test_claims_join_the_resources_that_are_asked_for():
    container = {"name": "x", "resources": {"limits": {"cpu": "4"}}}
    assert claim.used(container, [GPU])["resources"] == {
        "limits": {"cpu": "4"},
        "claims": [{"name": "claim-a"}],
    }


def test_claims_in_the_resources_of_the_user_are_left_out():
    """I-34: the reference drops them too; admission refuses them."""
    made = pod(resources={"claims": [{"name": "mine"}], "limits": {"cpu": "4"}})
    assert made["containers"][0]["resources"] == {"limits": {"cpu": "4"}}


def test_devices_take_the_place_of_counted_gpus():
    cached = {"name": "tp4", "config": {"tp": "4"}}
    cache = nimcache(profiles=[cached])
    storage = {"nimCache": {"name": "cache", "profile": "tp4"}}
    ctx = situation.context(
        related=[cache], storage=storage, draResources=[{"resourceClaimTemplateName": "gpus"}]
    )
    (deployment,) = (
        child for child in children.plan(ctx).children if child["kind"] == kinds.DEPLOYMENT.kind
    )
    assert list(deployment["spec"]["template"]["spec"]["containers"][0]["resources"]) == ["claims"]


def test_one_request_narrows_a_claim():
    assert claim.used({}, [GPU._replace(requests=("gpu",))])["resources"]["claims"] == [
        {"name": "claim-a", "request": "gpu"}
    ]


def test_several_requests_are_the_whole_claim_since_a_container_names_a_claim_once():
    """The list is a map by name; the reference writes it twice, which no server-side apply and no
    embedding CRD accepts."""
    assert claim.used({}, [GPU._replace(requests=("gpu", "nic"))])["resources"]["claims"] == [
        {"name": "claim-a"}
    ]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Deployment", {}),
        ("LeaderWorkerSet", {"multiNode": {"parallelism": {"pipeline": 2}, "ray": {}}}),
        ("InferenceService", {"inferencePlatform": "kserve"}),
    ],
)
def test_several_requests_are_one_entry_on_every_platform(kind, spec):
    """R5: LeaderWorkerSet and KServe refuse a name that is listed twice."""
    template = {"resourceClaimTemplateName": "devices", "requests": ["gpu", "nic"]}
    planned = children.plan(situation.context(draResources=[template], **spec)).children
    (workload,) = (child for child in planned if child["kind"] == kind)
    for pod in _pods(workload):
        (container,) = pod["containers"]
        assert [each["name"] for each in container["resources"]["claims"]] == [
            each["name"] for each in pod["resourceClaims"]
        ]


def _pods(workload):
    spec = workload["spec"]
    if workload["kind"] == "LeaderWorkerSet":
        groups = spec["leaderWorkerTemplate"]
        return [groups[f"{role}Template"]["spec"] for role in ("leader", "worker")]
    return [spec["template"]["spec"] if "template" in spec else spec["predictor"]]


@pytest.mark.parametrize(
    ("entry", "reasons"),
    [
        ({"resourceClaimTemplateName": "t", "requests": ["gpu", "nic"]}, ["WholeClaimUsed"]),
        ({**created("gpu", "nic", "disk"), "requests": ["gpu", "nic"]}, ["WholeClaimUsed"]),
        ({**created("gpu", "nic"), "requests": ["nic", "gpu"]}, []),
        ({"resourceClaimTemplateName": "t", "requests": ["gpu", "gpu"]}, []),
        ({"resourceClaimTemplateName": "t"}, []),
    ],
)
def test_containers_that_get_more_than_they_ask_for_are_named(entry, reasons):
    assert [finding.reason for finding in plan(draResources=[entry]).findings] == reasons


@pytest.mark.parametrize(("name", "made"), [("gpus", True), ("others", False)])
def test_no_workload_is_made_without_the_claim_that_its_pods_share(name, made):
    observed = {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaim",
        "metadata": {"name": name, "namespace": "nim"},
    }
    planned = children.plan(
        situation.context(related=[observed], draResources=[{"resourceClaimName": "gpus"}])
    ).children
    assert (kinds.DEPLOYMENT.kind in {child["kind"] for child in planned}) is made

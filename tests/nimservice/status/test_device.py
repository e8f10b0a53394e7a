"""Device: what became of the claims on devices, and of the ComputeDomain that the pods share."""

import pytest

from hooks.kernel import resource
from hooks.nimservice.status import device
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import stored

CREATED = {"claimCreationSpec": {"devices": [{"name": "gpu"}]}}
MULTI_NODE = {"parallelism": {"pipeline": 2, "tensor": 8}}
ALLOCATION = {"devices": {"results": []}}


def resource_claim(
    name, pod_claim=None, *, pod=None, created="2026-03-01T10:00:00Z", deleted=None, **status
):
    metadata = {"name": name, "namespace": "nim", "creationTimestamp": created}
    if pod_claim:
        metadata["annotations"] = {device.POD_CLAIM: pod_claim}
    if pod:
        metadata["ownerReferences"] = [
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "name": pod,
                "uid": f"uid-{pod}",
                "controller": True,
            }
        ]
    if deleted:
        metadata["deletionTimestamp"] = deleted
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaim",
        "metadata": metadata,
        "status": status,
    }


def a_pod(name):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "nim", "uid": f"uid-{name}"},
    }


def compute_domain(name="llama", **status):
    spec = {"numNodes": 2, "channel": {"resourceClaimTemplate": {"name": f"{name}-channel"}}}
    metadata = {"name": name, "namespace": "nim"}
    return {
        "apiVersion": "resource.nvidia.com/v1beta1",
        "kind": "ComputeDomain",
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }


def statuses(*related, entries=(CREATED,), **spec):
    return device.claims(situation.context(related=related, draResources=list(entries), **spec))


def pod_claim(*entries, number=0):
    return situation.context(draResources=list(entries)).device_claims[number].name


def domain(*, observed=(), related=(), **asked):
    return device.domain(
        situation.context(observed, related, multiNode={**MULTI_NODE, "computeDomain": asked})
    )


@pytest.mark.parametrize(
    ("state", "claim"),
    [
        ("pending", {}),
        ("allocated", {"allocation": ALLOCATION}),
        ("allocated,reserved", {"allocation": ALLOCATION, "reservedFor": [{"name": "a"}]}),
        ("deleted", {"deleted": stored.EARLIER}),
        ("deleted,allocated", {"deleted": stored.EARLIER, "allocation": ALLOCATION}),
        (
            "deleted,allocated,reserved",
            {
                "deleted": stored.EARLIER,
                "allocation": ALLOCATION,
                "reservedFor": [{"name": "a"}],
            },
        ),
    ],
)
def test_a_claim_that_pods_share_tells_how_far_it_is(state, claim):
    entry = {"resourceClaimName": "gpus"}
    (status,) = statuses(resource_claim("gpus", **claim), entries=[entry])
    assert status == {
        "name": pod_claim(entry),
        "resourceClaimStatus": {"name": "gpus", "state": state},
    }


def test_claims_from_a_template_are_listed_the_oldest_first():
    name = pod_claim(CREATED)
    (status,) = statuses(
        resource_claim("b", name, created="2026-03-01T10:00:01Z"),
        resource_claim("c", name, allocation=ALLOCATION),
        resource_claim("a", name),
        resource_claim("other", "other"),
        resource_claim("shared"),
    )
    assert status == {
        "name": name,
        "resourceClaimTemplateStatus": {
            "name": "claimtemplate-6649479bc4-0",
            "resourceClaimStatuses": [
                {"name": "a", "state": "pending"},
                {"name": "c", "state": "allocated"},
                {"name": "b", "state": "pending"},
            ],
        },
    }


def test_claims_of_the_pods_of_somebody_else_are_not_ours():
    """The reference lists every claim of that name."""
    name = pod_claim(CREATED)
    (status,) = statuses(
        a_pod("llama-1"),
        resource_claim("ours", name, pod="llama-1"),
        resource_claim("theirs", name, pod="copy"),
    )
    assert [
        each["name"] for each in status["resourceClaimTemplateStatus"]["resourceClaimStatuses"]
    ] == ["ours"]


def test_entries_keep_their_order_and_a_claim_that_is_gone_leaves_the_rest():
    """I-24: in the reference a missing claim keeps the whole status from being written."""
    template, gone = {"resourceClaimTemplateName": "nics"}, {"resourceClaimName": "gone"}
    made = statuses(resource_claim("x"), entries=[template, gone, CREATED])
    assert [each["resourceClaimTemplateStatus"]["name"] for each in made] == [
        "nics",
        "claimtemplate-6649479bc4-2",
    ]


def test_the_channel_of_a_compute_domain_comes_last():
    multi = {**MULTI_NODE, "computeDomain": {"create": True}}
    made = statuses(resource_claim("x"), multiNode=multi)
    assert [each["resourceClaimTemplateStatus"]["name"] for each in made] == [
        "claimtemplate-6649479bc4-0",
        "cd-claimtemplate-6649479bc4",
    ]


def test_where_claims_are_not_read_nothing_is_said_about_them():
    assert statuses() == []


def test_a_compute_domain_is_reported_with_its_nodes():
    nodes = [
        {
            "name": "node-b",
            "cliqueID": "c.1",
            "ipAddress": "10.0.0.2",
            "index": 1,
            "status": "Ready",
        },
        {
            "name": "node-a",
            "cliqueID": "c.1",
            "ipAddress": "10.0.0.1",
            "index": 0,
            "status": "NotReady",
        },
    ]
    assert domain(observed=[compute_domain(status="NotReady", nodes=nodes)], create=True) == {
        "name": "llama",
        "status": "NotReady",
        "nodes": [
            {"name": "node-a", "cliqueID": "c.1", "status": "NotReady"},
            {"name": "node-b", "cliqueID": "c.1", "status": "Ready"},
        ],
    }


def test_a_compute_domain_that_says_nothing_yet_is_not_ready():
    assert domain(observed=[compute_domain()], create=True) == {
        "name": "llama",
        "status": "NotReady",
        "nodes": [],
    }
    nodes = [{"name": "node-a"}]
    (node,) = domain(observed=[compute_domain(nodes=nodes)], create=True)["nodes"]
    assert node["status"] == "NotReady"


def test_a_named_compute_domain_is_the_one_that_is_reported():
    found = domain(
        observed=[compute_domain(status="Ready")],
        related=[compute_domain("rack-1", status="Ready")],
        name="rack-1",
    )
    assert found["name"] == "rack-1"


def test_no_compute_domain_is_reported_where_none_is_observed():
    assert domain(create=True) is None
    assert device.domain(situation.context()) is None


def test_both_stand_in_the_status():
    nim = situation.nimservice(
        draResources=[CREATED], multiNode={**MULTI_NODE, "computeDomain": {"create": True}}
    )
    request = stored.request(
        nim, [compute_domain(status="Ready")], [resource_claim("a", pod_claim(CREATED))]
    )
    status = resource.sync(NIM_SERVICE, request, Settings(), stored.NOW).body["status"]
    assert status["computeDomainStatus"] == {"name": "llama", "status": "Ready"}
    assert [sorted(each) for each in status["draResourceStatuses"]] == [
        ["name", "resourceClaimTemplateStatus"]
    ] * 2

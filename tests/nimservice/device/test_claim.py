"""Device claim: which claims every pod makes, under which names, and what is missing for them."""

import pytest

from hooks.nimservice import naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.device import claim as deviceclaim
from tests.situations import nimservice as situation

MULTI_NODE = {"parallelism": {"pipeline": 2, "tensor": 8}}


def nim(name="llama", **spec):
    manifest = situation.nimservice(**spec)
    manifest["metadata"]["name"] = name
    return NIMService.parse(manifest)


def claims(*entries, name="llama", domain=None, **spec):
    return deviceclaim.of(nim(name, draResources=list(entries), **spec), domain)


def sharing(**domain):
    return nim(multiNode={**MULTI_NODE, "computeDomain": domain})


def compute_domain(**spec):
    return {"metadata": {"name": "rack-1", "namespace": "nim"}, "spec": spec}


CREATED = {"claimCreationSpec": {"devices": [{"name": "gpu"}]}}
CHANNEL = {"channel": {"resourceClaimTemplate": {"name": "rack-1-channel"}}}


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("test-nimservice", "6bb8bf548c"),
        ("test-service", "8568b4fb55"),
        ("test-claim", "9f8c8d9fb"),
        ("test-template", "5cb744997d"),
        ("test-claim-1", "6454fc76cd"),
        ("meta-llama3-2-1b-instruct", "6f49c65b4c"),
        ("deepseek-r1", "dc468d495"),
    ],
)
def test_hashes_are_those_of_the_reference(text, short):
    assert naming.short_hash(text) == short


def test_a_template_is_named_after_nimservice_and_entry():
    llama = nim(
        "meta-llama3-2-1b-instruct",
        draResources=[
            CREATED,
            {"claimCreationSpec": {"generateName": "mig", "devices": [{"name": "m"}]}},
        ],
    )
    assert naming.claim_template(llama, 0) == "claimtemplate-6f49c65b4c-0"
    assert naming.claim_template(llama, 1) == "mig-6f49c65b4c-1"


def test_a_claim_is_named_after_nimservice_source_and_resource():
    made = claims(
        {"resourceClaimName": "test-claim"},
        {"resourceClaimTemplateName": "test-template", "requests": ["gpu", "nic", "gpu"]},
        CREATED,
        name="test-nimservice",
    )
    assert [(each.name, each.source, each.resource, each.requests) for each in made] == [
        ("claim-6bb8bf548c-0-9f8c8d9fb-0", "resourceClaimName", "test-claim", ()),
        (
            "claim-6bb8bf548c-1-5cb744997d-0",
            "resourceClaimTemplateName",
            "test-template",
            ("gpu", "nic"),
        ),
        (
            f"claim-6bb8bf548c-1-{naming.short_hash('claimtemplate-6bb8bf548c-2')}-0",
            "resourceClaimTemplateName",
            "claimtemplate-6bb8bf548c-2",
            (),
        ),
    ]


def test_claims_from_one_template_are_numbered():
    template = {"resourceClaimTemplateName": "gpus"}
    assert [
        each.name[-2:] for each in claims(template, {"resourceClaimTemplateName": "nics"}, template)
    ] == ["-0", "-0", "-1"]


def test_the_channel_of_a_compute_domain_is_claimed_last():
    claim = deviceclaim.of(
        nim(
            "test-service",
            draResources=[CREATED],
            multiNode={**MULTI_NODE, "computeDomain": {"create": True}},
        ),
        None,
    )[-1]
    assert claim.resource == "cd-claimtemplate-8568b4fb55"
    assert claim.name == f"claim-8568b4fb55-2-{naming.short_hash('cd-claimtemplate-8568b4fb55')}-0"


def test_the_channel_of_a_named_compute_domain_is_the_one_that_it_names():
    (claim,) = deviceclaim.of(sharing(name="rack-1"), compute_domain(**CHANNEL))
    assert (claim.source, claim.resource) == ("resourceClaimTemplateName", "rack-1-channel")


@pytest.mark.parametrize("parallelism", [{"pipeline": 1}, {"tensor": 8}])
def test_one_node_needs_no_compute_domain(parallelism):
    assert (
        deviceclaim.of(
            nim(multiNode={"parallelism": parallelism, "computeDomain": {"create": True}}), None
        )
        == ()
    )


def test_nothing_is_missing_where_nothing_is_claimed():
    assert deviceclaim.missing(nim(), {}, None, domains=True) is None


def test_a_resource_claim_that_is_not_there_is_missing():
    """I-24: in the reference it keeps the whole status from being written."""
    blocked = deviceclaim.missing(
        nim(draResources=[CREATED, {"resourceClaimName": "gpus"}]), {}, None, domains=True
    )
    assert blocked.finding.reason == "ResourceClaimNotFound"
    assert (
        blocked.finding.text
        == "spec.draResources[1].resourceClaimName: ResourceClaim gpus does not exist; create it in namespace nim"
    )
    assert not blocked.failed


@pytest.mark.parametrize("observed", [None, {"nim/gpus": {}}])
def test_a_resource_claim_is_not_missing_where_it_exists_or_none_is_read(observed):
    assert (
        deviceclaim.missing(
            nim(draResources=[{"resourceClaimName": "gpus"}]), observed, None, domains=True
        )
        is None
    )


def test_a_compute_domain_that_is_not_there_is_missing():
    blocked = deviceclaim.missing(sharing(name="rack-1"), {}, None, domains=True)
    assert (blocked.finding.reason, blocked.failed) == ("ComputeDomainNotFound", False)
    assert "ComputeDomain rack-1 does not exist; create it in namespace nim" in blocked.finding.text


@pytest.mark.parametrize(
    "spec", [{}, {"channel": None}, {"channel": {}}, {"channel": {"resourceClaimTemplate": {}}}]
)
def test_a_compute_domain_without_a_channel_cannot_be_claimed(spec):
    """Q36: the reference panics."""
    blocked = deviceclaim.missing(sharing(name="rack-1"), {}, compute_domain(**spec), domains=True)
    assert (blocked.finding.reason, blocked.failed) == ("ComputeDomainWithoutChannel", True)
    assert deviceclaim.of(sharing(name="rack-1"), compute_domain(**spec)) == ()


def test_a_compute_domain_that_cannot_be_read_names_the_component():
    blocked = deviceclaim.missing(sharing(name="rack-1"), {}, None, domains=False)
    assert (blocked.finding.reason, blocked.failed) == ("KindNotManaged", True)
    assert blocked.finding.remedy == "add the component computedomain"


def test_a_compute_domain_that_is_created_is_never_missing():
    assert deviceclaim.missing(sharing(create=True), {}, None, domains=True) is None

"""Plan: NIMServices that are somebody else's are left alone and named, with either engine."""

import pytest

from tests.situations import nimpipeline as pipelines
from tests.situations.nimpipeline import UID, nimpipeline, nimservice, others, service

OTHER_PIPELINE = {
    "apiVersion": "apps.nvidia.com/v1alpha1",
    "kind": "NIMPipeline",
    "name": "guards",
    "uid": "another",
}


def planned(*related, children=()):
    return pipelines.context(
        nimpipeline(service("llm"), service("embedder")), children, related
    ).plan


def names(plan):
    return [child["metadata"]["name"] for child in plan.children]


def test_a_name_that_is_free_is_taken():
    assert (names(planned()), planned().findings) == (["llm", "embedder"], ())


@pytest.mark.parametrize("owner", [None, OTHER_PIPELINE], ids=["nobody's", "another pipeline's"])
def test_one_that_is_there_already_is_left_out_and_named_and_the_rest_is_made(owner):
    """P4. Under server-side apply one that nobody owns would be overwritten, and deleted with the
    pipeline."""
    plan = planned(others("llm", owner))
    assert names(plan) == ["embedder"]
    (found,) = plan.findings
    assert (found.reason, found.subject) == ("ChildNotObserved", "NIMService/llm")
    assert (
        f"belongs to {owner['kind']} {owner['name']}" if owner else "has no owner"
    ) in found.message


def test_one_that_nobody_owns_can_be_handed_over_as_the_message_says():
    (found,) = planned(others("llm")).findings
    assert f"kubectl label nimservices llm -n nim --overwrite controller-uid={UID}" in found.remedy


def test_its_own_are_seen_as_related_objects_too_and_stay():
    mine = nimservice()
    assert planned(mine, children=[mine]).findings == ()


def test_one_of_its_own_that_is_not_seen_as_a_child_yet_stays():
    assert planned(nimservice()).findings == ()

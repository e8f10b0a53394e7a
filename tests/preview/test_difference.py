"""Difference: a file that was applied as it is changes nothing."""

import copy
from datetime import UTC, datetime

import pytest

from hooks.preview import difference
from hooks.resources import Settings
from nimservice_simulator.metacontroller.children import ENGINES
from tests.nimcache import cluster as caches
from tests.simulated import simulation, stored
from tests.situations.nimpipeline import nimpipeline, service
from tests.situations.nimservice import nimservice


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pipeline_that_is_there_does_not_change_for_what_its_definition_defaults(engine):
    pipeline = stored(nimpipeline(service("llm"), service("embedder")))
    for each in pipeline["spec"]["services"]:
        each["spec"].pop("inferencePlatform", None)
    cluster = simulation([pipeline], engine)
    cluster.settle()
    found = difference.family(
        pipeline, cluster.server.everything(), Settings(), now=datetime.now(UTC)
    )
    assert [change for each in found for change in each.changes] == []


def live(*parents):
    """Return a cluster's objects after it has settled."""
    cluster = simulation([stored(each) for each in parents], ENGINES[0])
    cluster.settle()
    return cluster.server.everything()


def changes(parent, observed):
    found = difference.family(stored(parent), observed, Settings(), now=datetime.now(UTC))
    return [change for each in found for change in each.changes]


def test_a_service_that_leaves_its_pipeline_takes_all_of_its_own_along():
    observed = live(nimpipeline(service("llm"), service("embedder")))
    made = changes(nimpipeline(service("llm")), observed)
    assert {(each.action, each.kind, each.name) for each in made} == {
        ("delete", kind, "embedder")
        for kind in ("NIMService", "Deployment", "Service", "ServiceAccount")
    }
    assert [each.kind for each in made if each.restarts] == ["Deployment"]
    assert made[0].kind == "NIMService"


def test_the_children_of_a_namesake_in_another_namespace_are_not_its_own():
    pipeline, other = nimpipeline(service("llm")), nimpipeline(service("embedder"))
    other["metadata"] |= {"namespace": "other", "uid": "other"}
    saved = copy.deepcopy(live(other))
    for each in saved:
        for owner in each["metadata"].get("ownerReferences", ()):
            owner.pop("uid")
    assert {each.action for each in changes(pipeline, saved)} == {"create"}


@pytest.mark.parametrize(
    ("parent", "observed"),
    [
        (nimpipeline(), live),
        (nimservice(), live),
        (caches.nimcache(), lambda cache: caches.settled(cache).server.everything()),
    ],
    ids=["pipeline", "service", "cache"],
)
def test_a_parent_that_is_not_observed_is_new(parent, observed):
    there = list(observed(parent))
    others = [each for each in there if each["kind"] != parent["kind"]]
    for seen, new in ((there, False), (others, True)):
        assert difference.of(stored(parent), seen, Settings(), now=datetime.now(UTC)).new is new


@pytest.mark.parametrize(
    ("edit", "restarts"),
    [
        ({"replicas": 3}, False),
        ({"annotations": {"example.com/team": "ml"}}, True),
        ({"scale": {"enabled": True, "hpa": {"maxReplicas": 3}}}, True),  # by an annotation
        ({"env": [{"name": "A", "value": "b"}]}, True),
    ],
)
def test_kserve_restarts_pods_for_annotations_too_and_not_for_their_number(edit, restarts):
    before = nimservice(inferencePlatform="kserve", replicas=2)
    found = changes(
        nimservice(**{"inferencePlatform": "kserve", "replicas": 2, **edit}), live(before)
    )
    (change,) = [each for each in found if each.kind == "InferenceService"]
    assert change.restarts is restarts

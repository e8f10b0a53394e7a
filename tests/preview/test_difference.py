"""Difference: a file that was applied as it is changes nothing."""

import copy
from datetime import UTC, datetime

import pytest

from hooks.preview import difference
from hooks.resources import Settings
from nimservice_simulator.metacontroller.children import ENGINES
from tests.nimcache import cluster as caches
from tests.simulated import NOT_COPYING, simulation, stored
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


ROUTED = {"router": {"ingress": {"ingressClass": "nginx"}}}


@pytest.mark.parametrize(
    ("edit", "restarts"),
    [
        ({"replicas": 3}, False),
        ({"annotations": {"example.com/team": "ml"}}, True),
        ({"labels": {"team": "ml"}}, True),
        ({"scale": {"enabled": True, "hpa": {"maxReplicas": 3}}}, False),
        ({"expose": ROUTED}, False),
        ({"env": [{"name": "A", "value": "b"}]}, True),
    ],
)
def test_kserve_restarts_pods_for_annotations_too_and_not_for_their_number(edit, restarts):
    observed = kserve_live(ENGINES[1])
    assert of_kserve(observed, **edit).restarts is restarts


@pytest.mark.parametrize(
    ("listed", "restarts", "depends"),
    [(False, True, False), (True, False, False), (None, False, True)],
    ids=["copied", "listed", "unknown"],
)
def test_whether_kserve_restarts_pods_at_each_edit_is_seen_by_its_deployment(
    listed, restarts, depends
):
    """Without its Deployment nothing tells."""
    observed = kserve_live(ENGINES[0], listed=bool(listed))
    if listed is None:
        observed = [each for each in observed if each["kind"] != "Deployment"]
    found = of_kserve(observed, replicas=3)
    assert (found.restarts, found.depends) == (restarts, depends)


def kserve_live(engine, *, listed=False):
    """Return a cluster with a model on KServe, which copies Metacontroller's record or not."""
    nim = nimservice(inferencePlatform="kserve", replicas=2)
    cluster = simulation([stored(nim)], engine)
    if listed:
        cluster.put(NOT_COPYING)
    cluster.settle()
    return cluster.server.everything()


def of_kserve(observed, **edit):
    """Return what an edit changes in the InferenceService."""
    spec = {"inferencePlatform": "kserve", "replicas": 2, **edit}
    (change,) = [
        each for each in changes(nimservice(**spec), observed) if each.kind == "InferenceService"
    ]
    return change

"""The invariants over specs and situations that nobody thought of."""

import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hooks.kernel import protocol, resource
from hooks.kernel.resource import Answer
from hooks.nimservice import kinds, validation
from hooks.nimservice.api.nimservice import NIMService
from hooks.resources import Settings
from tests import invariants
from tests.situations import nimservice as situation
from tests.situations import specs, stored
from tests.situations.nimcache import nimcache
from tests.situations.stored import NOW

few = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

PROFILES = [{"name": "fp8", "config": {"tp": "2"}}]
CACHES = st.sampled_from(
    [
        [],
        [nimcache(state="InProgress")],
        [nimcache(state="Failed")],
        [nimcache()],
        [nimcache(profiles=PROFILES)],
        [nimcache(type="native")],
        [
            nimcache(
                pvc="other-pvc",
                spec={
                    "source": {
                        "hf": {
                            "namespace": "meta",
                            "modelName": "llama",
                            "endpoint": "https://hf.co",
                        }
                    }
                },
            )
        ],
    ]
)
COUNTS = st.sampled_from(
    [
        situation.rolled_out(),
        situation.rolled_out(2, updatedReplicas=1),
        situation.rolled_out(0),
        {},
    ]
)
ENGINES = st.sampled_from([stored.DYNAMIC, stored.SERVER_SIDE])
MANAGED = st.sampled_from(
    [kinds.MANAGED, tuple(kind for kind in kinds.MANAGED if "base" in kind.components)]
)


def buildable(spec):
    try:
        return validation.of(NIMService.parse(situation.nimservice(**spec))) is None
    except ValidationError:
        return False


def asked(spec, caches=(), children=(), *, generation=1, status=None, manages=kinds.MANAGED):
    return stored.body(
        situation.nimservice(generation=generation, status=status, **spec),
        children,
        caches,
        manages=manages,
    )


def running(answer, counts, engine):
    """Return the children of an answer as observed later."""
    return [
        situation.applied(
            child, engine=engine, status=counts if child["kind"] == "Deployment" else None
        )
        for child in answer["children"]
    ]


@few
@given(specs.specs(), CACHES, st.booleans(), MANAGED)
def test_a_first_answer_keeps_the_invariants(spec, caches, openshift, manages):
    assume(buildable(spec))
    assert (
        invariants.violations(
            "sync", asked(spec, caches, manages=manages), Settings(openshift=openshift), NOW
        )
        == []
    )


@few
@given(
    spec=specs.specs(),
    edited=specs.specs(),
    before=CACHES,
    after=CACHES,
    counts=COUNTS,
    engine=ENGINES,
)
def test_an_answer_to_an_edit_keeps_the_invariants(*, spec, edited, before, after, counts, engine):
    """The children are those of another spec and another NIMCache: holds, hand-overs and changes of
    mind."""
    assume(buildable(spec) and buildable(edited))
    first = invariants.answered("sync", asked(spec, before), Settings(), NOW)
    status = {**first["status"], "observedGeneration": 1}
    request = asked(edited, after, running(first, counts, engine), generation=2, status=status)
    assert invariants.violations("sync", request, Settings(), NOW) == []


@few
@given(specs.specs(), CACHES, CACHES, COUNTS, ENGINES)
def test_no_pod_restarts_but_by_an_edit_of_its_nimservice(spec, before, after, counts, engine):
    """Whatever happens to the NIMCache."""
    assume(buildable(spec))
    first = invariants.answered("sync", asked(spec, before), Settings(), NOW)
    assume(template(first))
    status = {**first["status"], "observedGeneration": 1}
    second = invariants.answered(
        "sync", asked(spec, after, running(first, counts, engine), status=status), Settings(), NOW
    )
    assert template(second) == template(first)


@few
@given(specs.specs(), CACHES, COUNTS, ENGINES, st.sampled_from(["finalize", "customize"]))
def test_the_other_hooks_keep_the_invariants(spec, caches, counts, engine, hook):
    assume(buildable(spec))
    first = invariants.answered("sync", asked(spec, caches), Settings(), NOW)
    request = asked(spec, caches, running(first, counts, engine))
    request["parent"]["metadata"]["deletionTimestamp"] = stored.stamp(NOW)
    assert invariants.violations(hook, request, Settings(), NOW) == []


@few
@given(specs.specs(), CACHES, COUNTS, ENGINES)
def test_a_refused_spec_keeps_the_invariants_and_every_child(spec, caches, counts, engine):
    assume(buildable(spec))
    first = invariants.answered("sync", asked(spec, caches), Settings(), NOW)
    request = asked(
        {**spec, "image": {"repository": "x", "tag": 1}},
        caches,
        running(first, counts, engine),
        generation=2,
    )
    assert invariants.violations("sync", request, Settings(), NOW) == []
    held = invariants.answered("sync", request, Settings(), NOW)["children"]
    assert sorted(map(json.dumps, map(identity, held))) == sorted(
        map(json.dumps, map(identity, first["children"]))
    )


def template(answer):
    found = [
        child["spec"]["template"] for child in answer["children"] if child["kind"] == "Deployment"
    ]
    return found[0] if found else None


def identity(child):
    return [child["apiVersion"], child["kind"], child["metadata"]["name"]]


# The invariants themselves find what they look for.

CHILD = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "llama", "namespace": "nim"},
    "spec": {"ports": [{"port": 80}]},
}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"spec": {"ports": [{"port": 80, "protocol": "TCP"}, {"port": 80, "protocol": "UDP"}]}},
            "port occurs twice",
        ),
        ({"spec": {"ports": [{"port": 80, "portName": "x"}]}}, "portName"),
        ({"metadata": {**CHILD["metadata"], "labels": {"a": True}}}, "which is no text"),
        ({"metadata": {**CHILD["metadata"], "uid": "x"}}, "metadata has ['uid']"),
        ({"metadata": {"name": "llama", "namespace": "other"}}, "namespace other"),
        ({"metadata": {"name": "Llama", "namespace": "nim"}}, "is no name"),
        ({"metadata": {"name": "l" * 64, "namespace": "nim"}}, "is no name"),
        ({"apiVersion": "core/v1"}, "table of kinds"),
        ({"status": {}}, "it has a status"),
        ({"spec": {"selector": None}}, "is null"),
        ({"spec": {"externalIPs": []}}, "is an empty list"),
    ],
)
def test_a_violation_is_found(monkeypatch, changes, found):
    child = {**CHILD, **changes}
    monkeypatch.setattr(
        resource,
        "sync",
        lambda *_: Answer({"status": {"state": "Ready"}, "children": [copy_of(child)]}),
    )
    monkeypatch.setattr(invariants, "_at_rest", lambda *_: [])
    assert any(found in line for line in invariants.violations("sync", asked({}), Settings(), NOW))


def copy_of(child):
    return json.loads(json.dumps(child))


@pytest.mark.parametrize(
    ("status", "found"),
    [({"state": 7}, "status.state"), ({"phase": "x"}, "status.phase unknown field")],
)
def test_a_status_that_the_crd_does_not_know_is_found(monkeypatch, status, found):
    monkeypatch.setattr(resource, "sync", lambda *_: Answer({"status": status, "children": []}))
    assert any(found in line for line in invariants.violations("sync", asked({}), Settings(), NOW))


def test_a_lost_claim_and_an_unsettled_answer_are_found(monkeypatch):
    claim = situation.applied(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "models", "namespace": "nim"},
            "spec": {},
        }
    )
    times = iter(range(99))
    monkeypatch.setattr(
        resource, "sync", lambda *_: Answer({"status": {"replicas": next(times)}, "children": []})
    )
    lines = invariants.violations("sync", asked({}, children=[claim]), Settings(), NOW)
    assert {
        "claim models is left out, which deletes it",
        "the same request has two answers",
        "the answer does not come to rest",
    } <= set(lines)


def test_an_answer_that_follows_the_order_of_maps_is_found(monkeypatch):
    monkeypatch.setattr(
        resource,
        "sync",
        lambda _, request, *__: Answer(
            {"status": {"state": next(iter(request.parent["spec"]))}, "children": []}
        ),
    )
    assert "the answer depends on the order of maps" in invariants.violations(
        "sync", asked({}), Settings(), NOW
    )


def test_a_request_that_is_written_to_is_found(monkeypatch):
    def writes(_, request, *__):
        request.parent["spec"]["replicas"] = 1
        return Answer({"status": {}, "children": []})

    monkeypatch.setattr(resource, "sync", writes)
    assert "the request was written to" in invariants.violations("sync", asked({}), Settings(), NOW)


def test_bytes_are_what_is_compared():
    assert protocol.encode({"a": 1.0}) != protocol.encode({"a": 1})

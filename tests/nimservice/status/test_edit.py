"""Edit: an edit that the API server refuses on another child than the workload is told."""

from datetime import timedelta

import pytest

from hooks.nimservice import children
from hooks.nimservice.status import edit
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimservice import applied, rolled_out
from tests.situations.stored import DYNAMIC, SERVER_SIDE

both_engines = pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])
INGRESS = {"expose": {"router": {"ingress": {"ingressClass": "nginx"}, "hostDomainName": "a.com"}}}
EDITED = {"expose": {"router": {"ingress": {"ingressClass": "nginx"}, "hostDomainName": "b.com"}}}
TOLD = "The API server refuses the latest edit of Ingress llama, which stays as it was"


def observed(engine=DYNAMIC, spec=INGRESS):
    return [
        applied(each, engine=engine, status=rolled_out() if each["kind"] == "Deployment" else None)
        for each in children.plan(situation.context(**spec)).children
    ]


def knowing(spec, **since):
    """Return the status of a sync that asked for a spec."""
    remembered = edit.remember(situation.context(observed(spec=spec), **spec))
    return {
        "children": [
            {**each, "since": stored.stamp(stored.ago(**since))}
            if since and each["name"] == "Ingress/llama"
            else each
            for each in remembered
        ]
    }


def told(there, status, spec=EDITED):
    ctx = situation.context(there, status=status, **spec)
    return [finding.message for finding in edit.findings(ctx)], {
        each["name"]: each.get("since") for each in edit.remember(ctx)
    }


@both_engines
def test_an_edit_is_on_its_way_first(engine):
    messages, since = told(observed(engine), knowing(INGRESS))
    assert messages == []
    assert since == {"Ingress/llama": stored.stamp(stored.NOW), "Service/llama": None}


@both_engines
@pytest.mark.parametrize(("spec", "seconds", "left"), [(INGRESS, 0, 5), (EDITED, 3, 2)])
def test_an_edit_beside_a_model_that_serves_is_looked_at_again_in_time(engine, spec, seconds, left):
    ctx = situation.context(observed(engine), status=knowing(spec, seconds=seconds), **EDITED)
    assert list(edit.findings(ctx)) == []
    assert ctx.clock.left == timedelta(seconds=left)


@both_engines
def test_an_edit_that_does_not_arrive_is_told(engine):
    messages, since = told(observed(engine), knowing(EDITED, seconds=10))
    assert messages == [TOLD]
    assert since["Ingress/llama"] == stored.stamp(stored.ago(seconds=10))


@both_engines
def test_an_edit_that_arrived_is_forgotten(engine):
    messages, since = told(observed(engine, EDITED), knowing(EDITED, seconds=10))
    assert messages == []
    assert not any(since.values())


@both_engines
def test_an_edit_that_is_taken_back_is_forgotten(engine):
    messages, since = told(observed(engine), knowing(EDITED, seconds=10), spec=INGRESS)
    assert messages == []
    assert not any(since.values())


@both_engines
def test_what_is_edited_by_hand_or_rewritten_is_no_refused_edit(engine):
    """A policy of the cluster may rewrite a child for good."""
    rewritten = observed(engine)
    (ingress,) = (each for each in rewritten if each["kind"] == "Ingress")
    ingress["spec"]["ingressClassName"] = "internal"
    messages, since = told(rewritten, knowing(INGRESS), spec=INGRESS)
    assert messages == []
    assert not any(since.values())


def test_what_is_rewritten_as_it_arrives_has_arrived_under_server_side_apply():
    rewritten = observed(SERVER_SIDE, EDITED)
    (ingress,) = (each for each in rewritten if each["kind"] == "Ingress")
    ingress["spec"]["ingressClassName"] = "internal"
    (entry,) = ingress["metadata"]["managedFields"]
    entry["time"] = stored.stamp(stored.ago(seconds=9))
    messages, since = told(rewritten, knowing(EDITED, seconds=10))
    assert messages == []
    assert not any(since.values())


def test_nothing_is_told_without_memory():
    """After an upgrade of the hooks the first status only remembers."""
    messages, since = told(observed(), {})
    assert messages == []
    assert set(since) == {"Ingress/llama", "Service/llama"}

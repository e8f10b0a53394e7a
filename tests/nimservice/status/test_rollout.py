"""Rollout of a Deployment: how far it is, by the rules of ``kubectl rollout status``."""

import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from hooks.kernel.plan import Plan
from hooks.nimservice import children
from hooks.nimservice.status import rollout
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import progressing, rolled_out
from tests.situations.stored import DYNAMIC, SERVER_SIDE

READY = {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]}
WAITING = {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "False"}]}


def planned(*, engine=DYNAMIC, before=None, counts=None, generation=1, status=None, **spec):
    """Return the context of a NIMService whose Deployment was made from the spec ``before``, with what is to be made now."""
    old = children.plan(situation.context(**(spec if before is None else before))).children
    (made,) = [child for child in old if child["kind"] == "Deployment"]
    observed = situation.applied(
        made, engine=engine, status=counts or rolled_out(made["spec"].get("replicas", 1))
    )
    return situation.context(
        [observed], generation=generation, status=status or {"observedGeneration": 1}, **spec
    )


def found(**options):
    return rollout.of(planned(**options))


def test_without_a_workload_there_is_no_rollout():
    assert rollout.of(situation.context()) is None


@pytest.mark.parametrize(
    ("counts", "waiting"),
    [
        (rolled_out(3), None),
        (
            rolled_out(3, observedGeneration=0),
            "The controller has not observed the latest change yet",
        ),
        (rolled_out(3, updatedReplicas=1), "1 of 3 replicas are updated"),
        (rolled_out(3, replicas=4), "1 old replicas still exist"),
        (rolled_out(3, availableReplicas=2), "2 of 3 replicas are available"),
        ({"observedGeneration": 1}, "0 of 3 replicas are updated"),
        ({}, "The controller has not observed the latest change yet"),
    ],
)
def test_it_waits_for_what_kubectl_waits_for(counts, waiting):
    """Q34: the reference ignores what the Deployment has observed, and counts an old status as ready."""
    assert found(counts=counts or {"replicas": 0}, replicas=3).waiting == waiting


def test_a_workload_scaled_to_zero_is_there_when_its_replicas_are_gone():
    assert found(counts=rolled_out(0), replicas=0).waiting is None
    assert found(counts=rolled_out(2), replicas=0).waiting == "2 replicas still exist"


def test_a_number_that_the_cluster_does_not_tell_is_kubernetes_default():
    ctx = planned()
    del ctx.workload["spec"]["replicas"]
    assert rollout.of(ctx).wanted == 1


DEADLINE = progressing(
    "ProgressDeadlineExceeded", status="False", message="ReplicaSet has timed out progressing."
)


def test_a_deadline_that_is_exceeded_is_told_in_the_deployments_words():
    assert (
        found(counts=rolled_out(1, availableReplicas=0, conditions=[DEADLINE])).overdue
        == "ReplicaSet has timed out progressing."
    )


def test_the_deadline_of_the_rollout_before_does_not_count():
    """The correction has been applied and not been noticed: it has not failed."""
    assert found(counts=rolled_out(1, observedGeneration=0, conditions=[DEADLINE])).overdue is None


def test_further_replicas_of_a_template_that_is_rolled_out_are_scaling():
    assert found(counts=rolled_out(1), replicas=3).scaling


@pytest.mark.parametrize(
    "counts",
    [
        rolled_out(1, conditions=[progressing("ReplicaSetUpdated")]),
        rolled_out(2, updatedReplicas=1),
        rolled_out(1, conditions=[]),
    ],
    ids=["a template on its way", "old replicas", "no word yet"],
)
def test_a_new_template_is_not_scaling(counts):
    assert not found(counts=counts, replicas=3).scaling


@pytest.mark.parametrize(
    ("status", "scaling"), [(READY, True), (WAITING, False), ({"observedGeneration": 0}, False)]
)
def test_a_change_that_has_not_been_noticed_is_scaling_only_where_nothing_else_can_have_changed(
    status, scaling
):
    """Q34: an autoscaler's change keeps a NIMService ready; after an edit its conditions are about the template before."""
    counts = rolled_out(1, observedGeneration=0)
    assert (
        found(
            counts=counts, status=status, scale={"enabled": True, "hpa": {"maxReplicas": 3}}
        ).scaling
        == scaling
    )


# an edit that is not in the workload yet

ENV = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
both_engines = pytest.mark.parametrize("engine", [DYNAMIC, SERVER_SIDE])


@both_engines
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"env": ENV}, {"env": ENV[:1]}),
        ({"env": ENV[:1]}, {"env": ENV}),
        ({"args": ["a", "b"]}, {"args": ["a"]}),
        ({"nodeSelector": {"a": "b"}}, {}),
        (
            {"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}},
            {"resources": {"limits": {"cpu": "1"}}},
        ),
        ({"replicas": 2}, {"replicas": 0}),
        ({"replicas": 0}, {"replicas": 1}),
    ],
    ids=[
        "a variable less",
        "a variable more",
        "an argument less",
        "no selector any more",
        "a limit less",
        "stopped",
        "started",
    ],
)
def test_an_edit_that_changes_the_workload_is_not_applied_yet(before, after, engine):
    assert rollout.unapplied(planned(engine=engine, before=before, generation=2, **after))


@both_engines
@pytest.mark.parametrize(
    "after",
    [
        {},
        {"metrics": {"enabled": True}},
        {"expose": {"service": {"type": "NodePort"}}},
        {"scale": {"enabled": True, "hpa": {"maxReplicas": 3}}},
        {"replicas": 3},
    ],
    ids=["nothing", "metrics", "the Service", "autoscaling", "further replicas"],
)
def test_an_edit_that_restarts_nothing_leaves_a_workload_that_serves_as_it_is(after, engine):
    assert not rollout.unapplied(
        planned(engine=engine, before={"env": ENV}, generation=2, env=ENV, **after)
    )


@both_engines
def test_the_order_in_which_the_server_keeps_a_list_is_no_edit(engine):
    ctx = planned(engine=engine, env=ENV, generation=2)
    ctx.workload["spec"]["template"]["spec"]["containers"][0]["env"].reverse()
    assert not rollout.unapplied(ctx)


@both_engines
def test_what_others_have_added_is_no_edit(engine):
    ctx = planned(engine=engine, generation=2)
    ctx.workload["spec"]["template"]["spec"]["containers"].append(
        {"name": "istio-proxy", "image": "istio"}
    )
    assert not rollout.unapplied(ctx)


def test_an_edit_that_the_status_knows_is_on_its_way_already():
    assert not rollout.unapplied(
        planned(before={"env": ENV}, generation=2, status={"observedGeneration": 2})
    )


def answered(reason="Updating", message="whatever it says", *, since=stored.EARLIER):
    """Return the status after the edit was answered for the first time."""
    ready = {
        "type": "Ready",
        "status": "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": since,
    }
    return {"observedGeneration": 2, "conditions": [ready]}


def stuck(status, *, engine=DYNAMIC, applied=None, **spec):
    ctx = planned(
        engine=engine, before={"env": ENV[:1]}, generation=2, status=status, **spec or {"env": ENV}
    )
    for entry in ctx.workload["metadata"].get("managedFields", ()):
        entry["time"] = applied or "2026-03-01T10:00:00Z"
    return rollout.stuck(ctx)


@both_engines
def test_an_edit_that_was_answered_and_has_not_reached_the_workload_is_stuck(engine):
    """The API server refuses what it leads to; the status said Ready, of a generation that nothing ran."""
    assert stuck(answered(), engine=engine) == timedelta(hours=1)
    assert stuck(answered("ChangeNotApplied"), engine=engine) == timedelta(hours=1)


@pytest.mark.parametrize(
    "message",
    ["Deployment is being updated", "Deployment is updating", "Deployment is being updated.", ""],
)
def test_the_reason_remembers_the_edit_however_the_message_is_worded(message):
    """A reworded message made a model Ready that did not run its spec."""
    assert stuck(answered(message=message)) == timedelta(hours=1)


@pytest.mark.parametrize(
    "status",
    [
        {"observedGeneration": 2},
        answered("RollingOut", "1 of 3 replicas are updated"),
        answered(since="once"),
        answered(since=None),
    ],
    ids=["never said to be on its way", "another rollout", "no time", "nothing"],
)
def test_without_a_memory_of_the_edit_nothing_is_stuck(status):
    assert stuck(status) is None


@both_engines
def test_an_edit_that_has_reached_the_workload_is_not_stuck(engine):
    assert stuck(answered(), engine=engine, env=ENV[:1]) is None


def test_what_something_else_changes_as_the_server_applies_it_is_not_stuck():
    assert stuck(answered(), engine=SERVER_SIDE, applied=stored.EARLIER) is None


def test_a_workload_that_is_held_is_not_being_edited():
    storage = {"nimCache": {"name": "cache"}}
    made = children.plan(situation.context(related=[nimcache()], storage=storage)).children[-1]
    ctx = situation.context(
        [situation.applied(made, status=rolled_out())],
        storage=storage,
        generation=2,
        status={"observedGeneration": 1},
    )
    assert not rollout.unapplied(ctx)


def test_replicas_that_are_asked_for_count_before_they_are_applied():
    assert found(before={"replicas": 1}, generation=2, replicas=3).wanted == 3


def test_a_rollout_writes_to_nothing_that_is_observed():
    ctx = planned(env=ENV, generation=2, replicas=2)
    before = copy.deepcopy(ctx.request.parent), copy.deepcopy(ctx.workload)
    rollout.of(ctx)
    rollout.unapplied(ctx)
    assert (ctx.request.parent, ctx.workload) == before


def test_a_workload_that_has_lost_its_spec_is_not_rolled_out():
    made = next(
        child
        for child in children.plan(situation.context()).children
        if child["kind"] == "Deployment"
    )
    observed = situation.applied(made, engine=stored.SERVER_SIDE)
    del observed["spec"]
    assert rollout.unapplied(
        replace(situation.context([observed], generation=2), build=lambda _: Plan((made,)))
    )

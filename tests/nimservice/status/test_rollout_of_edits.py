"""Rollout of an edit: whether it has reached the workload, and for how long it has not."""

import pytest

from hooks.kernel.observed import moment
from hooks.nimservice import children
from hooks.nimservice.status.rollout import arrival, desired
from tests.nimservice.status.rolled import ENV, planned
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import rolled_out
from tests.situations.stored import DYNAMIC, SERVER_SIDE

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
    assert arrival.unapplied(planned(engine=engine, before=before, generation=2, **after))


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
    assert not arrival.unapplied(
        planned(engine=engine, before={"env": ENV}, generation=2, env=ENV, **after)
    )


@both_engines
def test_the_order_in_which_the_server_keeps_a_list_is_no_edit(engine):
    ctx = planned(engine=engine, env=ENV, generation=2)
    ctx.workload["spec"]["template"]["spec"]["containers"][0]["env"].reverse()
    assert not arrival.unapplied(ctx)


@both_engines
def test_what_others_have_added_is_no_edit(engine):
    ctx = planned(engine=engine, generation=2)
    ctx.workload["spec"]["template"]["spec"]["containers"].append(
        {"name": "istio-proxy", "image": "istio"}
    )
    assert not arrival.unapplied(ctx)


def test_an_edit_that_the_status_knows_is_on_its_way_already():
    assert not arrival.unapplied(
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
    return arrival.stuck(ctx)


@both_engines
def test_an_edit_that_was_answered_and_has_not_reached_the_workload_is_stuck(engine):
    """The API server refuses what it leads to; the status said Ready, of a generation that nothing
    ran."""
    assert stuck(answered(), engine=engine) == moment(stored.EARLIER)
    assert stuck(answered("ChangeNotApplied"), engine=engine) == moment(stored.EARLIER)


@pytest.mark.parametrize(
    "message",
    ["Deployment is being updated", "Deployment is updating", "Deployment is being updated.", ""],
)
def test_the_reason_remembers_the_edit_however_the_message_is_worded(message):
    """A reworded message made a model Ready that did not run its spec."""
    assert stuck(answered(message=message)) == moment(stored.EARLIER)


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


@pytest.mark.parametrize("recorded", [True, False])
def test_a_workload_that_is_held_is_not_being_edited(recorded):
    """A record may be gone: then the answer has the workload's name and nothing else."""
    storage = {"nimCache": {"name": "cache"}}
    made = children.plan(situation.context(related=[nimcache()], storage=storage)).children[-1]
    observed = situation.applied(made, status=rolled_out())
    if not recorded:
        del observed["metadata"]["annotations"]
    ctx = situation.context(
        [observed],
        storage=storage,
        generation=2,
        status={"observedGeneration": 1}
        if recorded
        else {"observedGeneration": 1, "workloadHash": "x"},
    )
    assert not arrival.unapplied(ctx)


def rewritten(**options):
    """Return a context whose live Deployment has another image than the hooks asked for."""
    ctx = planned(engine=SERVER_SIDE, generation=2, **options)
    container = ctx.workload["spec"]["template"]["spec"]["containers"][0]
    container["image"] = container["image"].replace("nvcr.io", "mirror.example.com")
    return ctx


def test_what_rewrites_a_workload_as_it_is_applied_makes_no_edit_of_others_one_of_it():
    """A policy that mirrors registries made every later edit look as if it were refused."""
    assert arrival._differs(rewritten())
    assert not arrival.unapplied(rewritten())
    assert arrival.unapplied(rewritten(before={"env": ENV[:1]}, env=ENV))


def test_a_status_without_the_hash_is_no_edit_of_a_workload_that_something_rewrites():
    assert not arrival.unapplied(rewritten(status={"observedGeneration": 1}))


def test_the_hash_leaves_out_the_number_of_replicas_but_not_whether_there_are_any():
    def hashed(**spec):
        return desired.workload_hash(situation.context(**spec))

    assert hashed(replicas=1) == hashed(replicas=3) == hashed()
    assert len({hashed(), hashed(replicas=0), hashed(env=ENV)}) == 3

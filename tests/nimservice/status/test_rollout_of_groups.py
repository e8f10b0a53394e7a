"""Rollout of a LeaderWorkerSet: how far its groups are, by what it says in its status."""

import pytest

from hooks.nimservice import children
from hooks.nimservice.status import rollout, verdict
from tests.situations import nimservice as situation
from tests.situations import stored

MULTI_NODE = {"parallelism": {"pipeline": 2, "tensor": 8}, "ray": {"rayPort": 6379}}


def condition(kind, status="True"):
    return {
        "type": kind,
        "status": status,
        "reason": "x",
        "message": "",
        "lastTransitionTime": stored.EARLIER,
    }


AVAILABLE = (condition("Available"), condition("Progressing", "False"))
PROGRESSING = (condition("Available", "False"), condition("Progressing"))
STARTING = (condition("Progressing"),)
UPDATING = (*PROGRESSING, condition("UpdateInProgress"))


def context(*, wanted=1, conditions=AVAILABLE, generation=2, before=None, **status):
    nim = situation.nimservice(
        multiNode=MULTI_NODE, replicas=wanted, status=before or {"observedGeneration": 1}
    )
    (made,) = (
        child
        for child in children.plan(situation.context(nim=nim)).children
        if child["kind"] == "LeaderWorkerSet"
    )
    counts = {
        "observedGeneration": 2,
        "replicas": wanted,
        "updatedReplicas": wanted,
        "readyReplicas": wanted,
    }
    observed = situation.applied(made, status={"conditions": list(conditions), **counts, **status})
    observed["metadata"]["generation"] = generation
    return situation.context([observed], nim=nim)


def found(**options):
    return rollout.of(context(**options))


def said(**options):
    return verdict.of(context(**options))


def test_complete_when_every_group_is_updated_and_ready():
    ready = found(wanted=2)
    assert (ready.wanted, ready.replicas, ready.updated, ready.available, ready.waiting) == (
        2,
        2,
        2,
        2,
        None,
    )
    assert said(wanted=2).reason == "Ready"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"observedGeneration": 1}, "The controller has not observed the latest change yet"),
        ({"updatedReplicas": 1}, "1 of 2 groups are updated"),
        (
            {"replicas": 3, "conditions": UPDATING},
            "1 surplus groups still exist",
        ),
        ({"readyReplicas": 1}, "1 of 2 groups are ready"),
        (
            {"conditions": [condition("Available", "False")]},
            "The LeaderWorkerSet does not report that it is available",
        ),
        ({"conditions": []}, "The LeaderWorkerSet does not report that it is available"),
    ],
)
def test_what_a_rollout_waits_for_is_said(status, words):
    """Q34: stale figures from before the change are not taken for its result."""
    assert found(wanted=2, **status).waiting == words


def test_a_release_that_does_not_tell_what_it_has_observed_is_taken_at_its_word():
    """LeaderWorkerSet before 0.9."""
    assert found(observedGeneration=None).waiting is None


def test_the_first_groups_roll_out():
    starting = said(wanted=2, conditions=STARTING, readyReplicas=1)
    assert (starting.state, starting.reason, starting.message) == (
        "NotReady",
        "RollingOut",
        "1 of 2 groups are ready",
    )


def test_groups_are_added_to_those_that_serve():
    assert (
        said(
            wanted=3, conditions=PROGRESSING, replicas=2, updatedReplicas=2, readyReplicas=2
        ).reason
        == "ScalingUp"
    )


def test_a_new_template_rolls_out_until_all_groups_are_available_again():
    assert said(wanted=2, conditions=UPDATING, readyReplicas=1).reason == "RollingOut"


def test_surplus_groups_that_go_keep_it_ready():
    fewer = said(wanted=1, replicas=3, updatedReplicas=3, readyReplicas=3)
    assert (fewer.reason, fewer.message) == ("Ready", "1 of 1 replicas are available")


@pytest.mark.parametrize(("wanted", "reason"), [(1, "Ready"), (3, "ScalingUp")])
def test_a_number_that_is_not_noticed_yet_keeps_it_ready(wanted, reason):
    served = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}
    before = {"observedGeneration": 1, "conditions": [condition("Ready")]}
    assert said(wanted=wanted, generation=3, before=before, **served).reason == reason


def test_an_edit_that_is_not_noticed_yet_is_no_scaling():
    assert said(wanted=2, conditions=PROGRESSING, generation=3).reason == "RollingOut"


def test_no_group_is_wanted_and_none_is_left():
    """Q49: the reference calls this NotReady for ever."""
    assert (said(wanted=0).state, said(wanted=0).reason) == ("Ready", "ScaledToZero")


def test_while_the_key_is_being_made_the_group_is_being_created():
    multi = {"parallelism": {"pipeline": 2}}
    waiting = verdict.of(situation.context(multiNode=multi))
    assert (waiting.state, waiting.reason, waiting.progress) == (
        "Pending",
        "Creating",
        "Reconciling",
    )

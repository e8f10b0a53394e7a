"""Rollout of a Deployment: how far it is, by the rules of ``kubectl rollout status``."""

import copy
from dataclasses import replace

import pytest

from hooks.kernel.plan import Plan
from hooks.nimservice import children
from hooks.nimservice.status import rollout
from hooks.nimservice.status.rollout import arrival
from tests.nimservice.status.rolled import ENV, planned
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimservice import progressing, rolled_out

READY = {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]}
WAITING = {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "False"}]}


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
    """Q34: the reference ignores what the Deployment has observed, and counts an old status as
    ready."""
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
    """Q34: an autoscaler's change keeps a NIMService ready; after an edit its conditions are about
    the template before."""
    counts = rolled_out(1, observedGeneration=0)
    assert (
        found(
            counts=counts, status=status, scale={"enabled": True, "hpa": {"maxReplicas": 3}}
        ).scaling
        == scaling
    )


def test_replicas_that_are_asked_for_count_before_they_are_applied():
    assert found(before={"replicas": 1}, generation=2, replicas=3).wanted == 3


def test_a_rollout_writes_to_nothing_that_is_observed():
    ctx = planned(env=ENV, generation=2, replicas=2)
    before = copy.deepcopy(ctx.request.parent), copy.deepcopy(ctx.workload)
    rollout.of(ctx)
    arrival.unapplied(ctx)
    assert (ctx.request.parent, ctx.workload) == before


def test_a_workload_that_has_lost_its_spec_is_not_rolled_out():
    made = next(
        child
        for child in children.plan(situation.context()).children
        if child["kind"] == "Deployment"
    )
    observed = situation.applied(made, engine=stored.SERVER_SIDE)
    del observed["spec"]
    assert arrival.unapplied(
        replace(
            situation.context([observed], generation=2, status={"workloadHash": "another"}),
            build=lambda _: Plan((made,)),
        )
    )

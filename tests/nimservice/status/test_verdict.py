"""Verdict: the table of situations, and what is said in each of them."""

import pytest

from hooks.nimservice.status import verdict
from tests.nimservice.status.judged import CACHED, WITHOUT_DEPLOYMENT, said, workload
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache
from tests.situations.nimservice import progressing, rolled_out

SINGLE = {"status": {"observedGeneration": 1}}
DEADLINE = progressing(
    "ProgressDeadlineExceeded", status="False", message="ReplicaSet has timed out progressing."
)
TABLE = {
    "first sync": ({"status": {}}, "Pending", "Creating", "Reconciling"),
    "NIMCache not ready": (
        {"related": [nimcache(state="InProgress")], **CACHED},
        "Pending",
        "NIMCacheNotReady",
        "Reconciling",
    ),
    "NIMCache not there yet": (CACHED, "Pending", "NIMCacheNotFound", "Reconciling"),
    "NIMCache failed": (
        {"related": [nimcache(state="Failed")], **CACHED},
        "Failed",
        "NIMCacheFailed",
        "Stalled",
    ),
    "unknown profile": (
        {
            "related": [nimcache(profiles=[{"name": "fp8"}])],
            "storage": {"nimCache": {"name": "cache", "profile": "x"}},
        },
        "Failed",
        "UnknownProfile",
        "Stalled",
    ),
    "kind not managed": ({"manages": WITHOUT_DEPLOYMENT}, "Failed", "KindNotManaged", "Stalled"),
    "NIMCache not ready, but the model runs": (
        {"counts": rolled_out(), "related": [nimcache(state="InProgress")], **CACHED},
        "Ready",
        "Ready",
        None,
    ),
    "NIMCache gone, but the model runs": (
        {"counts": rolled_out(), **CACHED},
        "Ready",
        "Ready",
        None,
    ),
    "NIMCache failed, while the model starts": (
        {
            "counts": rolled_out(1, availableReplicas=0, conditions=[]),
            "related": [nimcache(state="Failed")],
            **CACHED,
        },
        "NotReady",
        "RollingOut",
        "Reconciling",
    ),
    "rollout under way": (
        {"counts": rolled_out(2, updatedReplicas=1), "replicas": 2},
        "NotReady",
        "RollingOut",
        "Reconciling",
    ),
    "edit not applied yet": (
        {
            "counts": rolled_out(),
            "before": {},
            "generation": 2,
            "env": [{"name": "A", "value": "1"}],
        },
        "NotReady",
        "Updating",
        "Reconciling",
    ),
    "edit not noticed yet": (
        {"counts": rolled_out(1, observedGeneration=0), "status": {"observedGeneration": 1}},
        "NotReady",
        "RollingOut",
        "Reconciling",
    ),
    "deadline exceeded": (
        {"counts": rolled_out(1, availableReplicas=0, conditions=[DEADLINE])},
        "Failed",
        "ProgressDeadlineExceeded",
        "Stalled",
    ),
    "deadline of the rollout before": (
        {"counts": rolled_out(1, observedGeneration=0, conditions=[DEADLINE])},
        "NotReady",
        "RollingOut",
        "Reconciling",
    ),
    "replicas being added": (
        {"counts": rolled_out(1), "replicas": 3},
        "Ready",
        "ScalingUp",
        "Reconciling",
    ),
    "replicas asked for a moment ago": (
        {"counts": rolled_out(1), "before": {}, "generation": 2, "replicas": 3},
        "Ready",
        "ScalingUp",
        "Reconciling",
    ),
    "replicas being added, none available": (
        {"counts": rolled_out(1, availableReplicas=0), "replicas": 3},
        "NotReady",
        "RollingOut",
        "Reconciling",
    ),
    "scaled to zero": ({"counts": rolled_out(0), "replicas": 0}, "Ready", "ScaledToZero", None),
    "on the way to zero": (
        {"counts": rolled_out(2), "replicas": 0},
        "NotReady",
        "RollingOut",
        "Reconciling",
    ),
    "on the way up from zero": (
        {"counts": rolled_out(0), "before": {"replicas": 0}, "generation": 2, "replicas": 1},
        "NotReady",
        "Updating",
        "Reconciling",
    ),
    "all updated, observed and available": (
        {"counts": rolled_out(2), "replicas": 2},
        "Ready",
        "Ready",
        None,
    ),
}


@pytest.mark.parametrize(("options", "state", "reason", "progress"), TABLE.values(), ids=TABLE)
def test_every_situation_has_its_state_and_reason(options, state, reason, progress):
    """Q34, Q49, Q21, I-42: the first finding's reason stays; scaled to zero is ready; an old status
    is not."""
    verdict_ = said(**options)
    assert (verdict_.state, verdict_.reason, verdict_.progress) == (state, reason, progress)
    assert verdict_.message


def test_a_verdict_needs_no_findings():
    """finalize asks for one without having built anything."""
    assert verdict.of(situation.context(manages=WITHOUT_DEPLOYMENT)).reason == "KindNotManaged"


def test_the_last_check_always_finds():
    ctx = situation.context([workload({}, rolled_out(1, availableReplicas=0))], **SINGLE)
    assert verdict.CHECKS[-1](ctx)


@pytest.mark.parametrize(
    ("before", "had", "generation", "reason"),
    [
        ("Ready", 3, 1, "Recovering"),
        ("Ready", 2, 1, "ScalingUp"),
        ("Recovering", 2, 1, "Recovering"),
        ("Recovering", 2, 2, "ScalingUp"),
        ("ScalingUp", 3, 1, "ScalingUp"),
    ],
)
def test_replicas_that_were_there_before_are_lost(before, had, generation, reason):
    ready = {"type": "Ready", "status": "True", "reason": before}
    found = said(
        counts=rolled_out(3, availableReplicas=2),
        status={"observedGeneration": 1, "replicas": had, "conditions": [ready]},
        generation=generation,
        replicas=3,
    )
    assert (found.state, found.reason) == ("Ready", reason)
    assert found.message == "2 of 3 replicas are available"

"""Conditions: what tools and people read, with times that move only when a status flips."""

import pytest

from hooks.kernel import condition
from hooks.kernel.condition import timestamp as stamp
from hooks.kernel.finding import Finding
from hooks.nimservice.status.verdict import Verdict
from tests.situations.stored import EARLIER, NOW

READY = Verdict("Ready", "Ready", "1 of 1 replicas are available")
ROLLING = Verdict("NotReady", "RollingOut", "0 of 1 replicas are updated", "Reconciling")
FAILED = Verdict("Failed", "NIMCacheFailed", "NIMCache cache failed: 401", "Stalled")
PENDING = Verdict("Pending", "Creating", "Deployment is being created", "Reconciling")


def made(verdict=READY, findings=(), old=None):
    return {
        each["type"]: each for each in condition.conditions(verdict, findings, old or {}, 7, NOW)
    }


@pytest.mark.parametrize(
    ("verdict", "statuses"),
    [
        (READY, {"Ready": "True", "Failed": "False"}),
        (ROLLING, {"Ready": "False", "Failed": "False", "Reconciling": "True"}),
        (PENDING, {"Ready": "False", "Failed": "False", "Reconciling": "True"}),
        (FAILED, {"Ready": "False", "Failed": "True", "Stalled": "True"}),
        (
            Verdict("Ready", "ScalingUp", "x", "Reconciling"),
            {"Ready": "True", "Failed": "False", "Reconciling": "True"},
        ),
    ],
)
def test_reconciling_and_stalled_appear_only_when_true(verdict, statuses):
    """kstatus reads them so."""
    assert {kind: each["status"] for kind, each in made(verdict).items()} == statuses


def test_ready_and_failed_share_the_reason_that_was_found_first():
    """Q21, I-42: in the reference a general ``Failed`` takes the place of every reason."""
    conditions = made(FAILED)
    assert {each["reason"] for each in conditions.values()} == {"NIMCacheFailed"}
    assert (
        conditions["Ready"]["message"]
        == conditions["Failed"]["message"]
        == "NIMCache cache failed: 401"
    )


def test_failed_has_no_message_while_nothing_has_failed():
    """Q21: in the reference it repeats the message of not being ready."""
    assert made(ROLLING)["Failed"]["message"] == ""


def test_every_condition_tells_the_generation_it_is_about():
    assert {each["observedGeneration"] for each in made(FAILED, [Finding("A", "a")]).values()} == {
        7
    }


def test_findings_become_conditions_by_their_type():
    conditions = made(
        findings=[
            Finding("RootUser", "runs as root", condition="PodSecurityRestricted"),
            Finding("NIMCacheChanged", "changed"),
        ]
    )
    assert (conditions["Degraded"]["status"], conditions["Degraded"]["reason"]) == (
        "True",
        "NIMCacheChanged",
    )
    assert (
        conditions["PodSecurityRestricted"]["status"],
        conditions["PodSecurityRestricted"]["reason"],
    ) == ("False", "RootUser")


def test_findings_of_one_type_share_a_condition_the_first_gives_the_reason():
    conditions = made(
        findings=[
            Finding("A", "First", "wait"),
            Finding("B", "is second.", path="spec.x"),
            Finding("A", "First", "wait"),
        ]
    )
    assert (conditions["Degraded"]["reason"], conditions["Degraded"]["message"]) == (
        "A",
        "First; wait. spec.x: is second",
    )


def test_without_findings_there_is_no_such_condition():
    assert set(made()) == {"Ready", "Failed"}


def old(kind, status, **changes):
    return {
        "conditions": [
            {
                "type": kind,
                "status": status,
                "reason": "x",
                "message": "y",
                "lastTransitionTime": EARLIER,
                **changes,
            }
        ]
    }


@pytest.mark.parametrize(
    ("before", "since"),
    [
        (old("Ready", "True"), EARLIER),
        (old("Ready", "False"), stamp(NOW)),
        (old("Ready", "Unknown"), stamp(NOW)),
        (old("Degraded", "True"), stamp(NOW)),
        (old("Ready", "True", lastTransitionTime=None), stamp(NOW)),
        ({"conditions": ["x", None]}, stamp(NOW)),
        ({"conditions": None}, stamp(NOW)),
        ({}, stamp(NOW)),
    ],
)
def test_a_time_moves_only_when_the_status_flips(before, since):
    """A fresh time in every answer would change the parent each time and never settle."""
    assert made(old=before)["Ready"]["lastTransitionTime"] == since


def test_a_long_message_is_cut_to_a_kilobyte():
    message = made(ROLLING._replace(message="é" * 5000))["Ready"]["message"]
    assert len(message.encode()) <= 1024
    assert message.endswith("…")


def test_the_order_is_always_the_same():
    findings = [Finding("A", "a", condition="PodSecurityRestricted"), Finding("B", "b")]
    assert (
        list(made(FAILED, findings))
        == list(made(FAILED, findings[::-1]))
        == [
            "Ready",
            "Failed",
            "Stalled",
            "Degraded",
            "PodSecurityRestricted",
        ]
    )

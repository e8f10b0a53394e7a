"""Absent: children that are desired and stay unobserved, told under Degraded."""

import pytest

from hooks.kernel import resource
from hooks.kernel.document import JSON
from hooks.resources import NIM_SERVICE, Settings
from tests.nimservice.status.cause.warned import observed
from tests.situations import nimservice as situation
from tests.situations import pods, stored


def said(nim: JSON, *observed_children: JSON) -> dict[str, JSON]:
    answer = resource.sync(
        NIM_SERVICE, stored.request(nim, observed_children), Settings(), stored.NOW
    ).body
    return {each["type"]: each for each in answer["status"]["conditions"]}


def degraded(nim: JSON, *observed_children: JSON) -> JSON | None:
    return said(nim, *observed_children).get("Degraded")


SYNCED = {"observedGeneration": 1}


def test_a_child_that_stays_unobserved_is_refused_or_belongs_to_someone_else() -> None:
    nim = situation.nimservice(status=SYNCED)
    found = degraded(nim, pods.deployment(), *observed(nim, "Service"))
    assert found is not None
    assert found["reason"] == "ChildNotObserved"
    assert found["message"] == (
        "Service llama is desired but missing;"
        " see the API server's answer in kubectl describe nimservice llama -n nim,"
        " or the owner of the name in kubectl get service llama -n nim --show-labels"
    )


def test_children_of_a_new_edit_are_not_there_yet() -> None:
    nim = situation.nimservice(status=SYNCED, generation=2)
    assert degraded(nim, pods.deployment(), *observed(nim, "Service")) is None


def test_children_are_not_there_yet_before_the_workload_is_noticed() -> None:
    nim = situation.nimservice(status=SYNCED)
    fresh = pods.deployment()
    del fresh["status"]
    assert degraded(nim, fresh, *observed(nim, "Service")) is None


@pytest.mark.parametrize("reason", ["Creating", "ChildNotObserved"])
def test_a_workload_that_was_to_be_created_a_minute_ago_is_not_being_created(reason: str) -> None:
    def creating(seconds: int) -> JSON:
        since = stored.stamp(stored.ago(seconds=seconds))
        ready = {
            "type": "Ready",
            "status": "False",
            "reason": reason,
            "message": "",
            "lastTransitionTime": since,
        }
        return situation.nimservice(status={**SYNCED, "conditions": [ready]})

    assert degraded(creating(59), *observed(creating(59))) is None
    assert said(creating(59), *observed(creating(59)))["Ready"]["reason"] == "Creating"
    found = said(creating(60), *observed(creating(60)))
    assert {each["reason"] for each in found.values() if each["status"] == "True"} == {
        "ChildNotObserved"
    }
    for kind in ("Ready", "Degraded"):
        assert found[kind]["message"].startswith("Deployment llama is desired but missing")

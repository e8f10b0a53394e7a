"""Health: what each tool reads in each state, held against the table in ``docs/health.md``."""

import re
from typing import Any

import pytest

from hooks.kernel import resource
from hooks.kernel.document import JSON
from hooks.resources import NIM_SERVICE, Settings
from tests.health import (
    SITUATIONS,
    argo,
    blocks,
    conditions,
    flux,
    kstatus,
    overdue,
    table,
    waits,
    with_pod,
)
from tests.situations import nimservice as situation
from tests.situations import pods, stored


def test_the_page_has_every_situation_in_this_order() -> None:
    assert list(table()) == list(SITUATIONS)


@pytest.mark.parametrize("name", SITUATIONS)
def test_each_tool_reads_what_the_page_says(name: str) -> None:
    nim = SITUATIONS[name]()
    reason = conditions(nim).get("Ready", {}).get("reason", "")
    assert [reason, "waits" if waits(nim) else "is done", kstatus(nim), argo(nim)] == table()[name]


@pytest.mark.parametrize("name", SITUATIONS)
def test_flux_expressions_say_the_same_but_for_replicas_being_added(name: str) -> None:
    nim = SITUATIONS[name]()
    if "deletionTimestamp" in nim["metadata"]:
        return  # Flux needs no expression for that
    adding = name.startswith("up, and") and kstatus(nim) == "InProgress"
    expected = "Current" if adding else kstatus(nim)
    assert flux(nim) == expected


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_state_keeps_the_rules_of_conditions(name: str) -> None:
    nim = SITUATIONS[name]()
    found = conditions(nim)
    if not found:
        return
    assert {"Ready", "Failed"} <= set(found)
    assert len({"Reconciling", "Stalled"} & set(found)) <= 1
    assert all(
        found[kind]["status"] == "True"
        for kind in ("Reconciling", "Stalled", "Degraded")
        if kind in found
    )
    assert all(
        each["observedGeneration"] == nim["status"]["observedGeneration"] for each in found.values()
    )
    assert (found["Ready"]["status"] == "True") == (nim["status"]["state"] == "Ready")
    assert (
        (found["Failed"]["status"] == "True")
        == (nim["status"]["state"] == "Failed")
        == ("Stalled" in found)
    )
    assert len(found) == len(nim["status"]["conditions"])


def test_times_move_only_when_a_status_flips() -> None:
    loading = with_pod(pods.running())
    later = stored.ago(minutes=-5)

    def again(nim: JSON, *related: JSON, **status: Any) -> JSON:
        asked = stored.request(nim, [pods.deployment(**status)], related)
        answer = resource.sync(NIM_SERVICE, asked, Settings(), later).body
        return {**nim, "status": {**answer["status"], "observedGeneration": 1}}

    failing, up = (
        again(loading, pods.pod(pods.crashing(1))),
        again(loading, pods.pod(pods.serving()), **situation.rolled_out()),
    )
    assert conditions(failing)["Ready"]["reason"] == "CrashLoopBackOff"
    for kind in ("Ready", "Failed", "Reconciling"):
        assert conditions(failing)[kind]["lastTransitionTime"] == stored.stamp(stored.NOW)
    assert conditions(up)["Ready"]["lastTransitionTime"] == stored.stamp(later)
    assert conditions(up)["Failed"]["lastTransitionTime"] == stored.stamp(stored.NOW)


def test_the_lua_of_the_page_reads_fields_and_conditions_that_are_there() -> None:
    (customization,) = [block for block in blocks("yaml") if "data" in block]
    ((key, script),) = customization["data"].items()
    assert key == "resource.customizations.health.apps.nvidia.com_NIMService"
    assert set(re.findall(r'condition\.type == "(\w+)"', script)) == {"Ready", "Stalled"}
    assert set(re.findall(r"condition\.(\w+)", script)) <= set(conditions(overdue())["Stalled"])
    assert set(re.findall(r'status = "(\w+)"', script)) == {"Progressing", "Healthy", "Degraded"}

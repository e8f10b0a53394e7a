"""Held: a sync that keeps a workload as it was is told by its cause, and no other sync is."""

import re
from pathlib import Path

import orjson
import pytest

from hooks.nimservice.status import reason
from hooks.web import held

ROOT = Path(__file__).parents[2]
CASES = {
    path.parent.name: orjson.loads(path.read_bytes()) for path in (ROOT / "tests" / "cases" / "nimservice" / "sync").glob("*/response.json")
}
HOLDING = {
    "cache_claim_changed": "NIMCacheChanged",
    "cache_failed_under_server_side_apply": "NIMCacheFailed",
    "cache_not_ready_with_running_workload": "NIMCacheNotReady",
    "invalid_spec_holds": "InvalidSpec",
}


def answer(ready, *children, state="NotReady", degraded=None):
    conditions = [{"type": "Ready", "reason": ready}] + [{"type": "Degraded", "reason": degraded}] * bool(degraded)
    objects = [{"kind": kind, "metadata": {"name": name}} for kind, name in (child.split("/") for child in children)]
    return {"status": {"state": state, "conditions": conditions}, "children": objects}


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_cases_that_hold_something_say_why_and_the_others_nothing(case):
    assert held.cause(CASES[case], "llama") == HOLDING.get(case)


@pytest.mark.parametrize("cause", sorted({"KindNotManaged", "NIMCacheNotReady"}))
def test_a_former_platform_that_stays_is_held(cause):
    assert held.cause(answer(cause, "Service/llama", "Deployment/llama"), "llama") == cause


def test_what_waits_for_its_first_workload_is_not_held():
    assert held.cause(answer("NIMCacheNotFound", "Service/llama", state="Pending"), "llama") is None
    assert held.cause(answer("KindNotManaged", "Service/llama", state="Failed"), "llama") is None


def test_an_endpoint_picker_is_no_workload():
    assert held.cause(answer("KindNotManaged", "Service/llama", "Deployment/llama-epp"), "llama") is None


def test_another_kind_that_is_not_managed_holds_nothing():
    assert held.cause(answer("Ready", "Deployment/llama", state="Ready", degraded="KindNotManaged"), "llama") is None


def test_a_refused_spec_without_children_holds_nothing():
    assert held.cause(answer("InvalidSpec", state="Failed"), "llama") is None


def test_every_cause_is_a_reason_and_every_reason_that_blocks_a_workload_is_a_cause():
    assert {*held.CAUSES} <= {*reason.ALL}
    sources = [
        (ROOT / "hooks" / "nimservice" / module).read_text()
        for module in ("modelstore/__init__.py", "modelstore/source.py", "device/claim.py")
    ]
    assert {name for source in sources for name in re.findall(r'Finding\(\s*"(\w+)"', source)} <= {*held.CAUSES}

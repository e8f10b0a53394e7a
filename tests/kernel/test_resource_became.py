"""Became: an answer that changes the reason of the condition Ready says so to the server."""

from dataclasses import replace

import pytest

from hooks.kernel import resource
from hooks.resources import NIM_CACHE, Settings
from tests.nimcache import observing
from tests.situations import stored


def became(reason=None, *, hook="sync", of=NIM_CACHE):
    conditions = [{"type": "Ready", "status": "False", "reason": reason}] if reason else []
    cache = observing.parent(status={"conditions": conditions})
    request = observing.request(cache)
    return resource.call(hook, of, request, Settings(), stored.NOW).became


@pytest.mark.parametrize("before", [None, "Creating"])
def test_another_reason_than_that_of_the_request_is_told(before):
    assert became(before) == "Probing"


def test_a_reason_that_stays_is_not_told():
    assert became("Probing") is None


def test_a_hook_without_a_status_tells_none():
    assert became(hook="customize") is None


def test_a_reason_that_the_resource_does_not_know_makes_no_time_series_of_its_own():
    assert became(of=replace(NIM_CACHE, reasons=())) == "other"

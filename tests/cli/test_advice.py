"""Advice on what is valid, and becomes something else than was meant."""

import pytest

from hooks.cli import advice
from tests.situations import nimservice as situation


def given(**spec):
    return {each.path: str(each.message) for each in advice.give(situation.nimservice(**spec))}


@pytest.mark.parametrize(
    ("interval", "timeout", "warned"),
    [("30s", "1m", True), ("30s", "30000ms", False), ("1m", "30s", False), (None, "1h", False)],
)
def test_a_scrape_that_takes_longer_than_the_time_between_two(interval, timeout, warned):
    monitor = {"scrapeTimeout": timeout} | ({"interval": interval} if interval else {})
    found = given(metrics={"enabled": True, "serviceMonitor": monitor})
    assert ("spec.metrics.serviceMonitor.scrapeTimeout" in found) == warned


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({}, "leaves KServe to give the model server 1 CPU and 2Gi of memory"),
        (
            {"nvidia.com/gpu": "1", "cpu": "8"},
            "leaves KServe to give the model server 2Gi of memory",
        ),
        ({"cpu": "8", "memory": "64Gi"}, None),
    ],
)
def test_what_kserve_gives_a_container_without_limits(limits, says):
    spec = {"resources": {"limits": limits}}
    assert given(inferencePlatform="kserve", **spec).get("spec.resources.limits") == says
    assert "spec.resources.limits" not in given(**spec)

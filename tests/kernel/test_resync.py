"""Resync: what is in progress is looked at the more rarely the longer nothing has changed."""

from datetime import timedelta

import pytest

from hooks.kernel import condition, resync
from hooks.kernel.clock import Clock
from hooks.kernel.protocol import HookRequest
from tests.situations import stored

STATUS = {"state": "NotReady", "conditions": [{"type": "Ready", "status": "False"}]}


def ago(seconds):
    return condition.timestamp(stored.NOW - timedelta(seconds=seconds))


def changed(kind, seconds, **metadata):
    """Return an object whose last write is so many seconds ago."""
    writes = [{"manager": "a", "time": ago(86400)}, {"manager": "b", "time": ago(seconds)}]
    given = {"name": "x", "creationTimestamp": ago(86400), "managedFields": writes}
    return {"kind": kind, "metadata": given | metadata}


def after(parent=86400, child=86400, related=86400, *, status=STATUS, least=30, **metadata):
    request = HookRequest(
        {**changed("Toy", parent, **metadata), "status": STATUS},
        {"Deployment.apps/v1": {"nim/x": changed("Deployment", child)}},
        {"Pod.v1": {"nim/x": changed("Pod", related)}},
    )
    return resync.after(request, status, least, Clock(stored.NOW))


@pytest.mark.parametrize("what", ["parent", "child", "related"])
@pytest.mark.parametrize(
    ("seconds", "asked"), [(0, 30), (29, 30), (45, 45), (300, 300), (599, 599), (3600, 600)]
)
def test_the_wait_is_as_long_as_nothing_has_changed(what, seconds, asked):
    assert after(**{what: seconds}) == asked


def test_a_status_that_this_sync_changes_is_news():
    assert after(status={**STATUS, "state": "Pending"}) == 30
    assert after(status={**STATUS, "observedGeneration": 7}) == 600, "Metacontroller adds it"


def test_a_deletion_is_news():
    assert after(deletionTimestamp=ago(40)) == 40


@pytest.mark.parametrize("least", [1, 60, 3600])
def test_the_setting_is_the_shortest_wait(least):
    assert after(child=0, least=least) == least
    assert after(least=least) == max(least, 600)


@pytest.mark.parametrize("time", [None, 7, "yesterday", "9999-12-31T23:59:59Z"])
def test_an_odd_time_only_shortens_the_wait(time):
    entry = [{"manager": "a", "time": time}, "odd"]
    assert 30 <= after(child=40, managedFields=entry) <= 40


def test_a_parent_that_never_gets_ready_is_looked_at_ten_times_in_its_first_hour_then_six():
    """After each wait nothing has changed, so that the next one is twice as long."""
    passed, looks = 0, []
    while passed < 3600:
        passed += after(parent=passed, child=passed, related=passed)
        looks.append(passed)
    assert looks == [30, 60, 120, 240, 480, 960, 1560, 2160, 2760, 3360, 3960]

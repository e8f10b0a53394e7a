"""When a hook asks to be called again, and what keeps a parent that is being deleted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hooks.kernel import resource
from hooks.kernel.finding import Finding
from hooks.kernel.settings import Settings
from hooks.kernel.verdict import Verdict
from tests import toy
from tests.situations import stored

PARENT = {
    "apiVersion": "example.com/v1",
    "kind": "Toy",
    "metadata": {"name": "t", "namespace": "nim", "uid": "t-1", "generation": 1},
    "spec": {"greeting": "good morning"},
}
GOING = {**PARENT, "metadata": {**PARENT["metadata"], "deletionTimestamp": stored.EARLIER}}
CHILD = stored.applied(
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "t", "namespace": "nim"},
        "data": {"greeting": "good morning"},
    },
    PARENT,
)
USERS = {"apiVersion": "v1", "resource": "pods", "namespace": "nim"}
IN_USE = replace(
    toy.RESOURCE,
    retained=lambda _: Finding("InUse", "Somebody uses it", "ask them"),
    retainers=lambda _: [USERS],
)


def sync(served, parent=PARENT, existing=(CHILD,)):
    request = stored.request(parent, existing, served=served)
    return resource.sync(served, request, Settings(), stored.NOW).body


def finalize(served, parent=GOING, existing=(CHILD,)):
    request = stored.request(parent, existing, served=served, finalizing=True)
    return resource.finalize(served, request, Settings(), stored.NOW).body


def waiting(*patiences, progress=None):
    """Return a resource whose status waits for times, each so many seconds away."""

    def verdict(ctx):
        for each in patiences:
            ctx.passed(stored.NOW, timedelta(seconds=each))
        return Verdict("NotReady", "Waiting", "It waits", progress)

    return replace(toy.RESOURCE, verdict=verdict)


@pytest.mark.parametrize(
    ("seconds", "asked"),
    [([599], 599), ([0.5], 1), ([7.2], 8), ([90, 7.2, -60], 8), ([90], 90), ([86400], 600)],
)
def test_a_time_at_which_the_status_may_change_is_asked_for(seconds, asked):
    """A far one is as likely a mistake in what somebody wrote."""
    assert sync(waiting(*seconds))["resyncAfterSeconds"] == asked


def test_what_is_past_is_asked_for_no_more():
    assert "resyncAfterSeconds" not in sync(waiting(-60, 0))


@pytest.mark.parametrize(("patience", "asked"), [(5, 5), (90, 30)])
def test_in_progress_the_earlier_of_two_times_counts(patience, asked):
    assert sync(waiting(patience, progress="Reconciling"))["resyncAfterSeconds"] == asked


def test_at_rest_nothing_is_asked_for():
    assert "resyncAfterSeconds" not in sync(toy.RESOURCE)


def test_a_parent_in_use_keeps_its_children_and_says_why():
    answer = finalize(IN_USE)
    assert (answer["finalized"], [each["kind"] for each in answer["children"]]) == (
        False,
        ["ConfigMap"],
    )
    ready = next(each for each in answer["status"]["conditions"] if each["type"] == "Ready")
    assert (ready["reason"], ready["message"]) == ("InUse", "Somebody uses it; ask them")
    assert answer["resyncAfterSeconds"] == 30


def test_a_parent_without_order_leaves_its_children_to_their_owner():
    """One that is left out of the answer would be deleted, even where an orphan is asked for."""
    answer = finalize(toy.RESOURCE)
    assert (answer["finalized"], [each["kind"] for each in answer["children"]]) == (
        True,
        ["ConfigMap"],
    )


def test_a_parent_that_is_no_longer_selected_keeps_its_children_and_says_so():
    """Metacontroller calls finalize for it, though nobody deletes it."""
    old = {"state": "Ready", "conditions": [{"type": "Ready", "status": "True"}]}
    answer = finalize(toy.RESOURCE, {**PARENT, "status": old})
    assert answer["finalized"] is True
    assert [each["kind"] for each in answer["children"]] == ["ConfigMap"]
    ready, degraded = answer["status"].pop("conditions")
    assert (ready["type"], ready["status"]) == ("Ready", "True")
    assert (degraded["type"], degraded["reason"]) == ("Degraded", "NotSelected")
    assert answer["status"] == {"state": "Ready"}


def test_who_may_use_it_is_asked_for_while_it_is_being_deleted_whatever_its_spec():
    for parent, expected in ((PARENT, []), (GOING, [USERS]), ({**GOING, "spec": 1}, [USERS])):
        request = stored.request(parent, served=IN_USE)
        answer = resource.customize(IN_USE, request, Settings()).body
        assert answer["relatedResources"] == expected

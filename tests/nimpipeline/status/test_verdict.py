"""Verdict: is the pipeline up, and if not, which service is not and why."""

import json
from datetime import timedelta

import pytest

from hooks.kernel import lastapplied
from hooks.kernel.condition import timestamp as stamp
from hooks.nimpipeline.status import verdict
from tests.situations import nimpipeline as pipelines
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimpipeline import condition, nimpipeline, nimservice, others, service
from tests.situations.stored import ago


def said(*children, services=("llm", "embedder"), related=(), **fields):
    given = [service(name) if isinstance(name, str) else name for name in services]
    pipeline = nimpipeline(*given, **fields)
    return verdict.of(pipelines.context(pipeline, children, related))


def waited(reason, seconds, *, generation=1):
    """Return a status that has given a reason for some time."""
    ready = condition("Ready", reason, status="False")
    since = stamp(ago(seconds=seconds))
    return {
        "observedGeneration": generation,
        "conditions": [{**ready, "lastTransitionTime": since}],
    }


def edited(name="llm"):
    """Return a NIMService that an edit of its pipeline has not reached."""
    child = nimservice(name)
    return child, service(name, spec={**situation.BASE_SPEC, "replicas": 2})


def test_all_that_is_enabled_is_ready():
    found = said(nimservice("llm"), nimservice("embedder"))
    assert found[:4] == ("Ready", "Ready", "2/2 services are Ready", None)


def test_at_first_they_are_being_created():
    """P6: states are never empty texts."""
    found = said()
    assert found[:2] == ("NotReady", "Creating")
    assert found.message == "0/2 services are Ready. llm: The NIMService is being created"
    assert found.progress == "Reconciling"


def test_the_first_that_is_not_ready_speaks_in_its_own_words():
    """P7: a reason, and what to do."""
    waiting = nimservice(
        "embedder", state="NotReady", reason="ImagePullBackOff", message="pull it; or not"
    )
    found = said(nimservice("llm"), waiting)
    assert found[:4] == (
        "NotReady",
        "ImagePullBackOff",
        "1/2 services are Ready. embedder: pull it; or not",
        "Reconciling",
    )


def test_one_that_has_failed_speaks_before_one_that_waits():
    waiting = nimservice("llm", state="Pending", reason="NIMCacheNotReady", message="wait")
    stalled = condition("Stalled", "InvalidSpec")
    failed = nimservice(
        "embedder", state="Failed", reason="InvalidSpec", message="no", conditions=[stalled]
    )
    found = said(waiting, failed)
    assert (found.state, found.reason, found.progress) == ("Failed", "InvalidSpec", "Stalled")
    assert found.message.endswith("embedder: no")


def test_what_cannot_be_made_speaks_before_what_waits():
    waiting = nimservice("llm", state="NotReady", reason="RollingOut", message="wait")
    found = said(waiting, related=[others("embedder")])
    assert (found.reason, found.progress) == ("ChildNotObserved", "Stalled")
    assert "NIMService embedder already exists and has no owner" in found.text


def test_a_nimservice_without_a_status_is_not_ready():
    bare = nimservice("llm")
    del bare["status"]
    found = said(bare, services=["llm"])
    assert found[:2] == ("NotReady", "AwaitingStatus")


def test_a_status_that_is_older_than_the_spec_does_not_count():
    child = nimservice("llm")
    child["metadata"]["generation"] = 2
    assert said(child, services=["llm"]).reason == "AwaitingStatus"


@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
def test_an_edit_that_has_not_reached_its_nimservice_is_not_ready(engine):
    child, wanted = nimservice("llm", engine=engine), edited()[1]
    found = said(child, services=[wanted])
    assert (found.reason, found.progress) == ("Updating", "Reconciling")
    assert said(nimservice("llm", engine=engine), services=["llm"]).reason == "Ready"


def test_what_others_set_below_an_empty_value_of_ours_is_no_edit_on_its_way():
    spec = {**situation.BASE_SPEC, "nodeSelector": {}}
    wanted = service("llm", spec=spec)
    child = nimservice("llm", pipeline=nimpipeline(wanted), engine=stored.SERVER_SIDE)
    child["spec"]["nodeSelector"] = {"a": "b"}
    theirs = {"f:spec": {"f:nodeSelector": {"f:a": {}}}}
    child["metadata"]["managedFields"].append(
        {"manager": "kubectl", "operation": "Update", "fieldsV1": theirs}
    )
    assert said(child, services=[wanted]).reason == "Ready"


def test_an_annotation_that_somebody_wrote_is_no_edit_on_its_way_under_server_side_apply():
    child = nimservice("llm", engine=stored.SERVER_SIDE)
    forged = {"spec": {"image": {"repository": "x", "tag": "y"}}}
    child["metadata"]["annotations"] = {lastapplied.LAST_APPLIED: json.dumps(forged)}
    assert said(child, services=["llm"]).reason == "Ready"


def test_an_edit_that_the_api_server_refuses_is_told_after_some_seconds():
    child, wanted = edited()
    found = said(child, services=[wanted], status=waited("Updating", 10))
    assert (found.reason, found.progress) == ("ChangeNotApplied", "Stalled")
    assert "kubectl describe nimpipeline rag -n nim" in found.text


@pytest.mark.parametrize(
    "status",
    [
        waited("Updating", 3),
        waited("RollingOut", 10),
        waited("Updating", 10, generation=0),
    ],
    ids=["a moment ago", "of another trouble", "of an older edit"],
)
def test_until_then_it_is_on_its_way(status):
    child, wanted = edited()
    assert said(child, services=[wanted], status=status).reason == "Updating"


def test_a_newer_edit_starts_the_time_anew():
    child, wanted = edited()
    now = stamp(ago(seconds=1))
    assert (
        said(child, services=[wanted], status=waited("Updating", 60), edited=now).reason
        == "Updating"
    )


def test_one_that_stays_unseen_is_told_after_a_minute():
    found = said(services=["llm"], status=waited("Creating", 61))
    assert (found.reason, found.progress) == ("ChildNotObserved", "Stalled")
    assert "kubectl describe nimpipeline rag -n nim" in found.text
    assert said(services=["llm"], status=waited("Creating", 59)).reason == "Creating"


def test_one_that_is_still_ending_is_made_again_afterwards():
    leaving = nimservice("llm")
    leaving["metadata"]["deletionTimestamp"] = stamp(ago(seconds=5))
    found = said(leaving, services=["llm"])
    assert (found.state, found.reason) == ("NotReady", "Replacing")


@pytest.mark.parametrize("enabled", [True, False])
def test_a_finalizer_of_others_that_holds_one_that_is_ending_is_named(enabled):
    leaving = nimservice("llm")
    ours = "metacontroller.io/compositecontroller-nimservice"
    leaving["metadata"] |= {"deletionTimestamp": stamp(ago(seconds=5)), "finalizers": [ours]}
    services = [service("llm", enabled=enabled)]
    assert "finalizer" not in said(leaving, services=services).text
    leaving["metadata"]["finalizers"].append("example.com/hold")
    found = said(leaving, services=services)
    assert found.reason == ("Replacing" if enabled else "Draining")
    assert "held by finalizer example.com/hold" in found.message
    assert found.remedy == "check the controller that set the finalizer"


def test_a_source_of_storage_that_the_pipeline_does_not_have_is_to_be_taken_out():
    """The API server refuses two, and nobody takes out what somebody else has set."""
    child = nimservice("llm")
    child["spec"]["storage"]["emptyDir"] = {}
    wanted = service("llm", spec={**situation.BASE_SPEC, "replicas": 2})
    found = said(child, services=[wanted], status=waited("Updating", 10))
    assert found.reason == "ChangeNotApplied"
    assert "spec.storage.emptyDir" in found.text
    assert "kubectl edit nimservices llm -n nim" in found.text


def test_nothing_enabled_is_ready_and_says_so():
    """P5."""
    found = said(services=[service("llm", enabled=False)])
    assert found[:2] == ("Ready", "NothingEnabled")
    assert found.progress is None


def test_former_services_that_still_end_are_told():
    former = nimservice("old")
    found = said(nimservice("llm"), former, services=["llm", service("old", enabled=False)])
    assert found[:4] == (
        "Ready",
        "Draining",
        "1/1 services are Ready. Former services are ending (old)",
        "Reconciling",
    )


def test_a_time_that_is_none_fails_over_nothing():
    child, wanted = edited()
    odd = waited("Updating", 10)
    odd["conditions"][0]["lastTransitionTime"] = "noon"
    old = stamp(stored.NOW - timedelta(days=1))
    assert said(child, services=[wanted], status=odd, edited="x").reason == "Updating"
    assert said(child, services=[wanted], status=odd, edited=old).reason == "ChangeNotApplied"

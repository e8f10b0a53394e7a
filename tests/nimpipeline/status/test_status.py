"""Status: states, counts and conditions of a pipeline."""

from hooks.kernel import resource
from hooks.nimpipeline import status
from hooks.nimpipeline.resource import RESOURCE
from hooks.nimpipeline.status import verdict
from hooks.resources import Settings
from tests.situations import nimpipeline as pipelines
from tests.situations import stored
from tests.situations.nimpipeline import condition, nimpipeline, nimservice, others, service


def observed(*children, services, related=()):
    ctx = pipelines.context(nimpipeline(*services), children, related)
    return status.observe(ctx, verdict.of(ctx))


def told(found, kind):
    return next((each for each in found["conditions"] if each["type"] == kind), None)


def test_each_service_that_is_enabled_has_a_state():
    found = observed(
        nimservice("llm"),
        nimservice("embedder", state="Failed", reason="InvalidSpec"),
        services=[
            service("llm"),
            service("embedder"),
            service("new"),
            service("off", enabled=False),
        ],
    )
    assert found["states"] == {"llm": "Ready", "embedder": "Failed", "new": "NotReady"}
    assert (found["state"], found["readyServices"]) == ("Failed", "1/3")
    assert told(found, "Failed")["status"] == "True"


def test_one_of_somebody_else_is_not_ready_whatever_it_says():
    taken = others("llm")
    taken["status"] = {"state": "Ready"}
    found = observed(services=[service("llm")], related=[taken])
    assert found["states"] == {"llm": "NotReady"}
    assert told(found, "Degraded")["reason"] == "ChildNotObserved"


def test_what_degrades_a_nimservice_degrades_the_pipeline_in_the_same_words():
    degraded = condition("Degraded", "RouteIgnored", "no Gateway has answered")
    found = observed(nimservice("llm", conditions=[degraded]), services=[service("llm")])
    assert found["state"] == "Ready"
    assert (told(found, "Degraded")["reason"], told(found, "Degraded")["message"]) == (
        "RouteIgnored",
        "llm: no Gateway has answered",
    )


def test_a_service_that_does_not_say_whether_it_is_enabled_is_told():
    """P5: it is off without a word there."""
    found = observed(
        nimservice("llm"),
        services=[service("llm"), service("b", enabled=None), service("c", enabled=None)],
    )
    assert told(found, "Degraded")["reason"] == "EnabledNotSet"
    assert "b, c" in told(found, "Degraded")["message"]
    assert found["state"] == "Ready"


def test_with_nothing_enabled_there_are_no_states():
    found = observed(services=[service("llm", enabled=False)])
    assert "states" not in found
    assert found["readyServices"] == "0/0"


def test_while_it_is_being_deleted_it_says_what_has_to_go():
    pipeline = nimpipeline(service("llm"))
    pipeline["metadata"]["deletionTimestamp"] = stored.EARLIER
    request = stored.request(pipeline, [nimservice("llm")])
    body = resource.sync(RESOURCE, request, Settings(), stored.NOW).body
    ready = told(body["status"], "Ready")
    assert (ready["reason"], ready["message"]) == (
        "Terminating",
        "The deletion waits for NIMService llm",
    )

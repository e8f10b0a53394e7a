"""Status: states, counts and conditions of a pipeline."""

import pytest

from hooks.kernel import resource
from hooks.nimpipeline import status
from hooks.nimpipeline.resource import RESOURCE
from hooks.nimpipeline.status import verdict
from hooks.resources import Settings
from tests.situations import nimpipeline as pipelines
from tests.situations import stored
from tests.situations.nimpipeline import condition, nimpipeline, nimservice, others, service
from tests.situations.nimservice import BASE_SPEC


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
    """But for the path of a field, which is that of the pipeline."""
    degraded = condition("Degraded", "RouteIgnored", "no Gateway; see spec.expose.router")
    found = observed(nimservice("llm", conditions=[degraded]), services=[service("llm")])
    assert found["state"] == "Ready"
    assert (told(found, "Degraded")["reason"], told(found, "Degraded")["message"]) == (
        "RouteIgnored",
        "llm: no Gateway; see spec.services[0].spec.expose.router",
    )


def exposed(**ports):
    return {**BASE_SPEC, "expose": {"service": ports}}


def address_of(called, *, port=8000, **fields):
    """Return what degrades a pipeline whose llm calls another service."""
    told_to = {"name": "b", "port": port, "envName": "B", **fields}
    services = [service("llm", dependencies=[told_to]), called]
    return told(observed(services=services), "Degraded") or {}


@pytest.mark.parametrize(
    ("called", "cause"),
    [
        (service("b", enabled=False), "b is not enabled"),
        (service("b", spec=exposed(port=9000)), "the Service of b has no port 8000"),
    ],
)
def test_an_address_at_which_nobody_answers_is_told_unless_the_user_gave_it(called, cause):
    found = address_of(called)
    assert found["reason"] == "DependencyUnreachable"
    assert found["message"].startswith("spec.services[0].dependencies[0]: ")
    assert cause in found["message"]
    assert address_of(called, envValue="http://x") == {}


@pytest.mark.parametrize(
    "called",
    [
        service("b"),
        service("b", spec=exposed(port=9000, grpcPort=8000)),
        service("b", spec={**exposed(port=9000), "inferencePlatform": "kserve"}),
        service("another"),
    ],
    ids=["the usual port", "the port of gRPC", "KServe's Service", "a Service of others"],
)
def test_an_address_that_may_be_right_is_not_told(called):
    assert address_of(called) == {}


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

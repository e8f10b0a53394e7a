"""A bug of ours is HTTP 500 with a traceback in the log, whatever else the request holds; nobody
else is blamed for it."""

import copy
import json
from types import ModuleType

import pytest

from hooks.kernel import condition, deletion, lastapplied, ownership, protocol, validation
from hooks.kernel.pod import pod as pod_causes
from hooks.nimservice import children, modelstore
from hooks.nimservice import validation as checks
from hooks.nimservice.children import strayport
from hooks.nimservice.status import cause, device, endpoint, rollout, verdict
from hooks.nimservice.status.cause import absent, autoscaler, route
from hooks.resources import Settings
from hooks.web.telemetry import JSONFormatter
from tests.situations import nimservice as situation
from tests.situations import pods, stored
from tests.situations.nimservice import applied, rolled_out
from tests.web.client import Client

ERRORS = (ZeroDivisionError, AttributeError, KeyError, TypeError, RecursionError)
SCALED = {"scale": {"enabled": True, "hpa": {"maxReplicas": 3}}}


def request(**spec):
    """Return the body of a sync of a NIMService that runs, with its pods."""
    planned = children.plan(situation.context(**spec)).children
    observed = [
        applied(
            each, status=rolled_out(1, availableReplicas=0) if each["kind"] == "Deployment" else {}
        )
        for each in planned
    ]
    nim = situation.nimservice(status={"observedGeneration": 1}, **spec)
    return stored.body(nim, observed, [pods.pod(pods.waiting("ImagePullBackOff"))])


def child(body, group="Deployment.apps/v1"):
    return body["children"][group]["nim/llama"]


def related(body):
    (found,) = body["related"]["Pod.v1"].values()
    return found


FACTS = {
    "nothing odd": lambda _: None,
    "an odd status of a child": lambda body: child(body).update(status=[7]),
    "odd conditions of a child": lambda body: child(body).update(status={"conditions": [7, {}]}),
    "odd counts": lambda body: child(body).update(status={"replicas": "x", "conditions": 7}),
    "an odd Service": lambda body: child(body, "Service.v1").update(status="x"),
    "an odd status of a pod": lambda body: related(body).update(status=7),
    "odd containers of a pod": lambda body: related(body)["status"].update(containerStatuses=[[]]),
    "an odd spec of a pod": lambda body: related(body).update(spec="x"),
    "an odd status of the parent": lambda body: body["parent"].update(status=[{}]),
    "odd conditions of the parent": lambda body: body["parent"].update(status={"conditions": 7}),
    "an odd model": lambda body: body["parent"].update(status={"model": 7, "modelStore": [1]}),
    "odd labels of a pod": lambda body: related(body)["metadata"].update(labels=[7]),
    "odd managed fields": lambda body: child(body)["metadata"].update(managedFields=7),
    "an odd controller": lambda body: body["controller"].update(spec=7),
}
"""What decides nothing here: it is read for the status, or not at all."""

DECISIONS = {
    "Deployment llama: metadata.annotations: must be an object": lambda body: child(body)[
        "metadata"
    ].update(annotations=[7]),
    "Deployment llama: spec: must be an object": lambda body: child(body).update(spec="x"),
    "Deployment llama: spec.replicas: must be a whole number": lambda body: child(body)[
        "spec"
    ].update(replicas="x"),
    "Deployment llama: spec.template: must be an object": lambda body: child(body)["spec"].update(
        template=[7]
    ),
    "Service llama: spec.ports: must be a list of objects": lambda body: child(body, "Service.v1")[
        "spec"
    ].update(ports=7),
}
"""What decides which children are answered, by the refusal of it."""


def failing(error, real=None):
    """Return a function that fails, once it has done its work."""

    def spoilt(*args, **options):
        if real is not None:
            list(real(*args, **options) or ())
        raise error("a bug of ours")

    spoilt.__module__ = getattr(real, "__module__", __name__)
    return spoilt


def at(position, checks, error):
    """Return a chain in which one check fails and those before it find nothing."""
    return (*[lambda *_: None] * position, failing(error), *checks[position + 1 :])


CLIENT = Client(Settings(model_lookup=False))
"""One for all: making an application takes longer than an answer."""


def answer(body, hook="sync", caplog=None):
    response = CLIENT.post(f"/nimservice/{hook}", body)
    logged = [each for each in (caplog.records if caplog else ()) if each.name == "hooks.web"]
    return response, [json.loads(JSONFormatter().format(each)) for each in logged]


def assert_bug(body, error, caplog, hook="sync"):
    response, (line,) = answer(body, hook, caplog)
    assert response.status == 500
    assert response.json["error"].startswith(f"internal error while {hook.rstrip('e')}")
    assert f"{error.__name__}" in response.json["error"]
    assert "a bug of ours" in line["traceback"]


def spoilt(body, spoil):
    changed = copy.deepcopy(body)
    spoil(changed)
    return changed


BODY = request()


@pytest.mark.parametrize("what", FACTS | DECISIONS)
@pytest.mark.parametrize("position", range(len(children.BUILDERS)))
def test_of_a_builder(monkeypatch, caplog, position, what):
    real, error = children.BUILDERS[position], ERRORS[position % len(ERRORS)]
    builders = list(children.BUILDERS)
    builders[position] = failing(error, real if what in FACTS else None)
    monkeypatch.setattr(children, "BUILDERS", tuple(builders))
    assert_bug(spoilt(BODY, (FACTS | DECISIONS)[what]), error, caplog)


@pytest.mark.parametrize("what", FACTS)
@pytest.mark.parametrize("position", range(len(verdict.CHECKS)))
def test_of_a_check_of_the_status(monkeypatch, caplog, position, what):
    error = ERRORS[position % len(ERRORS)]
    monkeypatch.setattr(verdict, "CHECKS", at(position, verdict.CHECKS, error))
    assert_bug(spoilt(BODY, FACTS[what]), error, caplog)


@pytest.mark.parametrize("what", FACTS | DECISIONS)
@pytest.mark.parametrize("position", range(len(checks._CHECKS)))
def test_of_a_check_of_the_spec(monkeypatch, caplog, position, what):
    error = ERRORS[position % len(ERRORS)]
    monkeypatch.setattr(checks, "_CHECKS", at(position, checks._CHECKS, error))
    hook = ("sync", "finalize", "customize")[position % 3]
    body = spoilt(BODY, (FACTS | DECISIONS)[what])
    if hook == "finalize":
        body["parent"]["metadata"]["deletionTimestamp"] = stored.EARLIER
    assert_bug(body, error, caplog, hook)


PLACES: dict[str, tuple[ModuleType, str]] = {
    "looking for owners": (ownership, "left_to_others"),
    "setting ports aside": (strayport, "set_aside"),
    "finding the model": (modelstore, "resolve"),
    "counting replicas": (rollout, "of"),
    "the worst trouble": (cause, "worst"),
    "a pod": (pod_causes, "symptom"),
    "absent children": (absent, "warnings"),
    "a route": (route, "warnings"),
    "the address": (endpoint, "cluster"),
    "claims": (device, "claims"),
    "the conditions": (condition, "conditions"),
    "encoding": (protocol, "encode"),
}


@pytest.mark.parametrize("what", ["nothing odd", "an odd status of a pod", "odd counts"])
@pytest.mark.parametrize("place", PLACES)
def test_anywhere_else(monkeypatch, caplog, place, what):
    error = ERRORS[list(PLACES).index(place) % len(ERRORS)]
    body = spoilt(BODY, FACTS[what])
    module, name = PLACES[place]
    if place == "encoding":
        real = protocol.encode
        monkeypatch.setattr(
            protocol, name, lambda told: real(told) if "error" in told else failing(error)()
        )
    else:
        monkeypatch.setattr(module, name, failing(error))
    assert_bug(body, error, caplog)


@pytest.mark.parametrize("error", ERRORS)
def test_of_what_is_read_of_an_autoscaler(monkeypatch, caplog, error):
    body = request(**SCALED)
    child(body)["status"] = rolled_out()
    monkeypatch.setattr(autoscaler, "warnings", failing(error))
    assert_bug(body, error, caplog)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize(("module", "name"), [(lastapplied, "held"), (validation, "of_types")])
def test_while_a_refused_spec_holds_everything(monkeypatch, caplog, module, name, error):
    monkeypatch.setattr(module, name, failing(error))
    body = spoilt(BODY, lambda body: body["parent"]["spec"].update(env=[7]))
    assert_bug(body, error, caplog)


@pytest.mark.parametrize("what", [each for each in FACTS if each != "odd labels of a pod"])
def test_of_a_deletion(monkeypatch, caplog, what):
    error = ERRORS[len(what) % len(ERRORS)]
    monkeypatch.setattr(deletion, "remaining", failing(error))
    body = spoilt(BODY, FACTS[what])
    body["parent"]["metadata"]["deletionTimestamp"] = stored.EARLIER
    assert_bug({**body, "finalizing": True}, error, caplog, "finalize")


@pytest.mark.parametrize("what", FACTS)
def test_an_odd_fact_alone_is_answered_with_every_child(what):
    response, _ = answer(spoilt(BODY, FACTS[what]))
    assert response.status == 200
    assert len(response.json["children"]) == 3


@pytest.mark.parametrize("told", DECISIONS)
def test_an_odd_decision_alone_is_refused_by_name(told):
    response, _ = answer(spoilt(BODY, DECISIONS[told]))
    assert (response.status, response.json) == (422, {"error": told})

"""A second resource beside NIMService: what it declares is all it takes to be served, counted,
installed and previewed."""

import json

import pytest
import yaml
from prometheus_client import REGISTRY

from hooks.kernel.crd import generate
from hooks.preview import installation
from hooks.resources import RESOURCES, Settings
from tests import toy
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.web.client import Client

RESOURCES_WITH_TOY = (*RESOURCES, toy.RESOURCE)
PARENT = {
    "apiVersion": "example.com/v1",
    "kind": "Toy",
    "metadata": {"name": "t", "namespace": "nim", "uid": "t-1", "generation": 1},
    "spec": {"greeting": "good morning"},
}
MADE = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "t", "namespace": "nim"},
    "data": {"greeting": "good morning"},
}
EXISTING = stored.applied(MADE, PARENT)


@pytest.fixture
def client():
    return Client(Settings(), RESOURCES_WITH_TOY)


def asked(spec=None, existing=()):
    """Return what Metacontroller posts about a Toy."""
    parent = PARENT if spec is None else {**PARENT, "spec": spec}
    return stored.body(parent, existing, served=toy.RESOURCE)


def ready(answer):
    return next(each for each in answer["status"]["conditions"] if each["type"] == "Ready")


def counted(name, **labels):
    return REGISTRY.get_sample_value(f"nimservice_hooks_{name}", labels)


def test_it_has_a_route_for_each_hook(client):
    assert client.post("/toy/sync", asked()).json["children"] == [MADE]
    assert client.post("/toy/customize", asked()).json == {"relatedResources": []}
    assert client.post("/toy/finalize", asked()).json["finalized"] is True


def test_a_path_that_is_not_found_is_told_the_routes_of_both(client):
    error = client.post("/lego/sync", asked()).json["error"]
    assert "/nimservice/sync" in error
    assert "/toy/sync" in error


def test_a_server_without_it_has_no_route_for_it():
    assert Client(Settings()).post("/toy/sync", asked()).status == 404


def test_its_status_is_its_own(client):
    first = client.post("/toy/sync", asked()).json
    assert (first["status"]["state"], ready(first)["reason"]) == ("NotReady", "Creating")
    later = client.post("/toy/sync", asked(existing=[EXISTING])).json
    assert (later["status"]["state"], ready(later)["reason"]) == ("Ready", "Ready")


def test_a_spec_that_its_check_refuses_keeps_what_exists(client):
    answer = client.post("/toy/sync", asked({"greeting": ""}, [EXISTING])).json
    assert answer["children"] == [MADE]
    assert ready(answer)["message"] == "spec.greeting: must not be empty: say something"


def test_a_spec_of_the_wrong_type_is_refused_by_its_model(client):
    answer = client.post("/toy/sync", asked({"greeting": 1})).json
    assert ready(answer)["reason"] == "InvalidSpec"
    assert ready(answer)["message"].startswith("spec.greeting: ")


def test_requests_are_counted_under_its_name(client):
    before = counted("requests_total", resource="toy", hook="sync", status="200") or 0
    client.post("/toy/sync", asked())
    assert counted("requests_total", resource="toy", hook="sync", status="200") == before + 1


def test_a_hold_is_counted_by_its_reason(client):
    before = counted("holds_total", resource="toy", reason="Frozen")
    assert before is not None, "a series that is known from the start"
    spec = {"greeting": "good evening", "frozen": True}
    answer = client.post("/toy/sync", asked(spec, [EXISTING])).json
    assert answer["children"] == [MADE]
    assert counted("holds_total", resource="toy", reason="Frozen") == before + 1


def test_it_has_a_definition():
    definitions = [each.definition for each in RESOURCES_WITH_TOY]
    texts = generate.crds(definitions)
    assert len(texts) == len(RESOURCES_WITH_TOY)
    crd = yaml.safe_load(texts["example.com_toys.yaml"])
    assert crd["metadata"]["name"] == "toys.example.com"
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    assert schema["spec"]["properties"]["greeting"] == {
        "type": "string",
        "description": "What it says.",
    }


def test_it_has_a_composite_controller():
    made = installation.controller(served=toy.RESOURCE)
    assert made["metadata"]["name"] == "toy"
    assert made["spec"]["parentResource"]["resource"] == "toys"
    assert [rule["resource"] for rule in made["spec"]["childResources"]] == ["configmaps"]
    assert made["spec"]["hooks"]["sync"]["webhook"]["url"] == "http://hooks/toy/sync"


def test_hooks_in_this_process_answer_for_both():
    hooks = installation.Hooks(Settings(), lambda: stored.NOW, RESOURCES_WITH_TOY)
    status, _, body = hooks("/toy/sync", json.dumps(asked()).encode())
    assert (status, json.loads(body)["children"]) == (200, [MADE])
    nim = stored.body(situation.nimservice())
    status, _, body = hooks("/nimservice/sync", json.dumps(nim).encode())
    assert status == 200
    assert json.loads(body)["children"]

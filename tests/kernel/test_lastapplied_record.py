"""Last applied: which record counts, and what is read of one that is not as it should be."""

import json

import pytest

from hooks.kernel import lastapplied
from tests.kernel.recorded import MANAGER, SERVICE
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.stored import SERVER_SIDE


def test_what_somebody_wrote_into_the_record_that_is_no_text_is_left_out():
    """One such label fails the whole sync, one such annotation loses all others."""
    observed = situation.applied(SERVICE)
    record = {
        **SERVICE,
        "metadata": {
            **SERVICE["metadata"],
            "labels": {"team": "nlp", "odd": 1},
            "annotations": {"note": "x", "odd": None},
        },
    }
    observed["metadata"]["annotations"][lastapplied.LAST_APPLIED] = json.dumps(record)
    assert lastapplied.held(observed, MANAGER) == SERVICE


@pytest.mark.parametrize(
    "text", ["not json", "[]", "null", '"text"', '{"metadata":"x"}', '{"spec":[]}']
)
def test_a_record_that_cannot_be_read_or_is_none_of_this_child_counts_as_none(text):
    observed = situation.applied(SERVICE)
    observed["metadata"]["annotations"][lastapplied.LAST_APPLIED] = text
    assert lastapplied.last_annotation(observed) is None
    assert lastapplied.held(observed, MANAGER)["spec"] == observed["spec"]


def test_a_record_that_is_nested_too_deeply_for_an_answer_is_not_repeated():
    observed = situation.applied(SERVICE)
    text = '{"spec":' + '{"a":' * 300 + "{}" + "}" * 300 + "}"
    observed["metadata"]["annotations"][lastapplied.LAST_APPLIED] = text
    assert lastapplied.held(observed, MANAGER)["spec"] == observed["spec"]


@pytest.mark.parametrize(
    "entry",
    [
        stored.managed(SERVICE, manager="kubectl"),
        stored.managed(SERVICE, operation="Update"),
        {**stored.managed(SERVICE), "subresource": "status"},
        {**stored.managed(SERVICE), "fieldsV1": None},
    ],
    ids=["another manager", "an update", "a subresource", "no fields"],
)
def test_only_what_metacontroller_applied_to_the_object_itself_counts(entry):
    observed = situation.applied(SERVICE, engine=SERVER_SIDE)
    observed["metadata"]["managedFields"] = [entry]
    assert lastapplied.applied_by_server(observed, MANAGER) is None


def test_the_manager_can_have_another_name():
    observed = situation.applied(SERVICE, engine=SERVER_SIDE)
    observed["metadata"]["managedFields"] = [stored.managed(SERVICE, manager="platform")]
    assert lastapplied.held(observed, "platform") == SERVICE


FIELDS = [
    pytest.param({"f:a": {}}, {"a": 1, "b": 2}, {"a": 1}, id="a field"),
    pytest.param({"f:a": {}}, {"a": {"b": 1}}, {"a": {"b": 1}}, id="an atomic map"),
    pytest.param(
        {"f:a": {".": {}, "f:b": {}}},
        {"a": {"b": 1, "c": 2}},
        {"a": {"b": 1}},
        id="a field within a map",
    ),
    pytest.param({"f:a": {".": {}}}, {"a": {"b": 1}}, {"a": {}}, id="a map that others fill"),
    pytest.param({"f:a": {}}, {"a": [1, 2]}, {"a": [1, 2]}, id="an atomic list"),
    pytest.param({"f:a": {'v:"x"': {}}}, {"a": ["x", "y"]}, {"a": ["x"]}, id="an item of a set"),
    pytest.param({"f:a": {"v:7": {}}}, {"a": [7, 8]}, {"a": [7]}, id="a number of a set"),
    pytest.param(
        {"f:a": {'k:{"name":"x"}': {".": {}, "f:name": {}, "f:v": {}}}},
        {"a": [{"name": "w", "v": 0}, {"name": "x", "v": 1, "w": 2}]},
        {"a": [{"name": "x", "v": 1}]},
        id="an item by its key",
    ),
    pytest.param(
        {"f:a": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}, "f:protocol": {}}}},
        {
            "a": [
                {"port": 80, "protocol": "UDP"},
                {"port": 80, "protocol": "TCP", "nodePort": 30000},
            ]
        },
        {"a": [{"port": 80, "protocol": "TCP"}]},
        id="an item by two keys",
    ),
    pytest.param(
        {"f:a": {"f:b.c/d": {}}},
        {"a": {"b.c/d": "1", "e": "2"}},
        {"a": {"b.c/d": "1"}},
        id="a key with dots and slashes",
    ),
    pytest.param({"f:gone": {}, "f:a": {}}, {"a": 1}, {"a": 1}, id="a field that is gone"),
]


FILLED = [
    pytest.param({"f:a": {}}, {"f:a": {"f:b": {}}}, {"a": {"b": 1}}, {"a": {}}, id="a map"),
    pytest.param(
        {"f:a": {}},
        {"f:a": {'k:{"name":"b"}': {".": {}, "f:name": {}}}},
        {"a": [{"name": "b"}]},
        {"a": []},
        id="a list",
    ),
    pytest.param(
        {"f:a": {'k:{"name":"b"}': {".": {}, "f:name": {}, "f:c": {}}}},
        {"f:a": {'k:{"name":"b"}': {"f:c": {"f:d": {}}}}},
        {"a": [{"name": "b", "c": {"d": 1}}]},
        {"a": [{"name": "b", "c": {}}]},
        id="a map in an item",
    ),
    pytest.param({"f:a": {}}, {"f:z": {}}, {"a": {"b": 1}}, {"a": {"b": 1}}, id="an atomic map"),
]


@pytest.mark.parametrize(("fields", "theirs", "observed", "owned"), FILLED)
def test_what_others_put_into_an_empty_value_of_ours_is_theirs(fields, theirs, observed, owned):
    """An empty map and an atomic one look the same in the entry of their manager."""
    child = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "nim"},
        "data": observed,
    }
    child["metadata"]["managedFields"] = [
        {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:data": theirs}},
        {"manager": MANAGER, "operation": "Apply", "fieldsV1": {"f:data": fields}},
    ]
    assert lastapplied.held(child, MANAGER)["data"] == owned


@pytest.mark.parametrize(("fields", "observed", "owned"), FIELDS)
def test_managed_fields_name_what_was_applied(fields, observed, owned):
    child = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "nim"},
        "data": observed,
    }
    child["metadata"]["managedFields"] = [
        {"manager": MANAGER, "operation": "Apply", "fieldsV1": {"f:data": fields}}
    ]
    assert lastapplied.held(child, MANAGER)["data"] == owned


def test_fields_that_are_told_by_no_object_are_taken_whole():
    observed = situation.applied(SERVICE, engine=stored.SERVER_SIDE)
    observed["metadata"]["managedFields"][0]["fieldsV1"]["f:metadata"] = True
    assert lastapplied.held(observed, MANAGER) == SERVICE

"""The wire: what is taken for a request, and that nothing is read as absent that could be there."""

import orjson
import pytest

from hooks.kernel import protocol
from hooks.kernel.protocol import BadRequest
from hooks.nimservice import kinds
from hooks.resources import NIM_SERVICE
from tests.situations import nimservice as situation
from tests.situations import stored


def decoded(document):
    return protocol.decode(orjson.dumps(document))


def refusal(body):
    with pytest.raises(BadRequest) as caught:
        protocol.decode(body if isinstance(body, bytes) else orjson.dumps(body))
    return caught.value.status, str(caught.value)


def test_a_request_of_metacontroller_is_taken():
    nim = situation.nimservice()
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "llama", "namespace": "nim"},
    }
    request = decoded(stored.body(nim, [service], finalizing=True))
    assert request.parent == nim
    assert request.observed(kinds.SERVICE) == {"nim/llama": service}
    assert request.observed(kinds.DEPLOYMENT) == {}
    assert list(request.all_observed()) == [service]
    assert request.finalizing
    assert request.controller["kind"] == "CompositeController"


def test_a_customize_request_has_no_children():
    request = decoded(
        {"controller": stored.controller(NIM_SERVICE), "parent": situation.nimservice()}
    )
    assert not request.children
    assert not request.related
    assert not request.finalizing


@pytest.mark.parametrize("key", ["children", "related", "controller", "finalizing"])
def test_null_counts_as_absent(key):
    assert decoded({"parent": situation.nimservice(), key: None}) == decoded(
        {"parent": situation.nimservice()}
    )


def test_a_group_that_is_null_is_empty():
    assert decoded(
        {"parent": situation.nimservice(), "children": {"Service.v1": None}}
    ).children == {"Service.v1": {}}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"not json", b"{'a': 1}", b'{"a": NaN}', b"\xff\xfe", b'"\xff"']
)
def test_what_is_not_json_is_refused(body):
    status, message = refusal(body)
    assert status == 400
    assert message.startswith("body: not JSON: ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], "body"),
        ("x", "body"),
        (None, "body"),
        ({}, "parent"),
        ({"parent": None}, "parent"),
        ({"parent": []}, "parent"),
        ({"parent": {}}, "parent.metadata.name"),
        ({"parent": {"metadata": []}}, "parent.metadata.name"),
        ({"parent": {"metadata": {"name": ""}}}, "parent.metadata.name"),
        ({"parent": {"metadata": {"name": 7}}}, "parent.metadata.name"),
        ({"parent": {"metadata": {"name": "a", "namespace": 7}}}, "parent.metadata.namespace"),
        ({"parent": {"metadata": {"name": "a", "uid": []}}}, "parent.metadata.uid"),
        ({"parent": {"metadata": {"name": "a", "generation": "1"}}}, "parent.metadata.generation"),
        ({"parent": {"metadata": {"name": "a", "generation": True}}}, "parent.metadata.generation"),
        (
            {"parent": {"metadata": {"name": "a", "deletionTimestamp": 7}}},
            "parent.metadata.deletionTimestamp",
        ),
        ({"parent": {"metadata": {"name": "a"}}, "finalizing": "yes"}, "finalizing"),
        ({"parent": {"metadata": {"name": "a"}}, "children": []}, "children"),
        ({"parent": {"metadata": {"name": "a"}}, "children": "none"}, "children"),
        ({"parent": {"metadata": {"name": "a"}}, "related": 0}, "related"),
    ],
)
def test_json_of_another_shape_is_refused_with_its_path(document, path):
    status, message = refusal(document)
    assert status == 422
    assert message.startswith(f"{path}: must be ")


CHILD = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "llama", "namespace": "nim"}}


@pytest.mark.parametrize("key", ["children", "related"])
@pytest.mark.parametrize(
    "group",
    [
        [CHILD],
        "x",
        {"nim/llama": None},
        {"": None},
        {"nim/llama": []},
        {"nim/llama": {}},
        {"nim/llama": {**CHILD, "metadata": None}},
        {"nim/llama": {**CHILD, "metadata": {}}},
        {"nim/llama": {**CHILD, "metadata": {"name": 7}}},
        {"[]/llama": {**CHILD, "metadata": {"name": "llama", "namespace": []}}},
        {"['nim']/llama": {**CHILD, "metadata": {"name": "llama", "namespace": ["nim"]}}},
        {"nim/llama": {**CHILD, "kind": None}},
        {"nim/llama": {**CHILD, "apiVersion": 1}},
    ],
)
def test_an_odd_group_is_refused_because_a_child_read_as_absent_would_be_deleted(key, group):
    """Answers are total: a child that the hook does not see is one that it leaves out."""
    status, message = refusal({"parent": situation.nimservice(), key: {"Service.v1": group}})
    assert status == 422
    assert message.startswith(f"{key}[Service.v1]")


@pytest.mark.parametrize("key", ["children", "related"])
@pytest.mark.parametrize(
    ("group", "label"),
    [
        ("Service.v1", "nim/other"),
        ("Service.v1", "nim2/llama"),
        ("Service.v1", "llama"),
        ("Service.v2", "nim/llama"),
        ("Secret.v1", "nim/llama"),
        ("", "nim/llama"),
    ],
)
def test_an_object_under_the_name_of_another_is_refused(key, group, label):
    """Held under its own name, it would leave the other one out."""
    status, message = refusal({"parent": situation.nimservice(), key: {group: {label: CHILD}}})
    assert status == 422
    assert message == f"{key}[{group}][{label}]: must be an object of this kind, namespace and name"


def test_a_child_is_in_the_namespace_of_its_parent_and_a_related_object_where_it_likes():
    away = {**CHILD, "metadata": {"name": "llama", "namespace": "other"}}
    assert (
        refusal(
            {"parent": situation.nimservice(), "children": {"Service.v1": {"other/llama": away}}}
        )[0]
        == 422
    )
    assert decoded(
        {"parent": situation.nimservice(), "related": {"Service.v1": {"other/llama": away}}}
    ).related


def test_a_body_so_deep_that_it_cannot_be_read_is_refused():
    assert (
        refusal(b'{"parent":{"metadata":{"name":"a"},"spec":' + b"[" * 5000 + b"]" * 5000 + b"}}")[
            0
        ]
        == 400
    )


@pytest.mark.parametrize("part", [b"spec", b"status"])
@pytest.mark.parametrize(("depth", "told"), [(200, False), (260, True), (900, True)])
def test_a_parent_that_no_answer_could_repeat_is_refused(part, depth, told):
    nested = b'{"a":' * depth + b"{}" + b"}" * depth
    body = b'{"parent":{"metadata":{"name":"a"},"' + part + b'":' + nested + b"}}"
    if told:
        assert refusal(body) == (422, "body: nested too deeply")
    else:
        assert protocol.decode(body).parent[part.decode()]


def test_equal_answers_are_equal_bytes():
    assert (
        protocol.encode({"b": 1, "a": {"d": 1, "c": 2}})
        == protocol.encode({"a": {"c": 2, "d": 1}, "b": 1})
        == b'{"a":{"c":2,"d":1},"b":1}'
    )

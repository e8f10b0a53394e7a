"""Schema: pruning, defaults and rules of a CustomResourceDefinition; compared with kube-apiserver
1.36."""

from typing import Any

import pytest

from hooks.cluster.api import Invalid, NotFound, Object, Resource
from nimservice_simulator.apiserver.server import ApiServer

PIG = Resource("example.com/v1", "Pig", "pigs")


def crd(spec: Object, status: Object | None = None, **version: Any) -> Object:
    properties = {"spec": {"type": "object", **spec}} | (
        {"status": {"type": "object", **status}} if status else {}
    )
    known = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
        **version,
    }
    names = {"kind": "Pig", "plural": "pigs"}
    return {
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.com",
            "names": names,
            "scope": "Namespaced",
            "versions": [known],
        },
    }


def stored(spec: Object, given: Any) -> Any:
    """Return a spec as stored by a kind whose spec has this schema."""
    server = ApiServer(crds=[crd(spec)])
    obj = {
        "apiVersion": "example.com/v1",
        "kind": "Pig",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": given,
    }
    return server.create(obj)["spec"]


STRING, INTEGER = {"type": "string"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("schema", "given", "result"),
    [
        pytest.param(
            {"properties": {"a": STRING}}, {"a": "x", "b": 1}, {"a": "x"}, id="unknown fields go"
        ),
        pytest.param(
            {"properties": {"a": {"type": "object"}}},
            {"a": {"b": 1}},
            {"a": {}},
            id="an object without fields is empty",
        ),
        pytest.param(
            {"x-kubernetes-preserve-unknown-fields": True},
            {"a": {"b": None}},
            {"a": {"b": None}},
            id="what may be anything stays",
        ),
        pytest.param(
            {"additionalProperties": STRING},
            {"a": "x", "b": None},
            {"a": "x"},
            id="free keys stay, nulls go",
        ),
        pytest.param(
            {"properties": {"a": {**STRING, "default": "d"}}}, {}, {"a": "d"}, id="defaults come"
        ),
        pytest.param(
            {"properties": {"a": {**STRING, "default": "d"}}},
            {"a": None},
            {"a": "d"},
            id="a null gives way to a default",
        ),
        pytest.param(
            {"properties": {"a": {**STRING, "nullable": True}}},
            {"a": None},
            {"a": None},
            id="a null stays where it may be",
        ),
        pytest.param(
            {
                "properties": {
                    "a": {"type": "object", "properties": {"b": {**STRING, "default": "d"}}}
                }
            },
            {},
            {},
            id="no default without its object",
        ),
        pytest.param(
            {
                "properties": {
                    "a": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"b": {**INTEGER, "default": 1}}},
                    }
                }
            },
            {"a": [{}, {"b": 2, "c": 3}]},
            {"a": [{"b": 1}, {"b": 2}]},
            id="items are pruned and defaulted",
        ),
        pytest.param(
            {"properties": {"a": INTEGER}},
            {"a": 2.0},
            {"a": 2},
            id="a float without a fraction is an integer",
        ),
        pytest.param(
            {
                "properties": {
                    "a": {
                        "type": "object",
                        "x-kubernetes-embedded-resource": True,
                        "properties": {},
                    }
                }
            },
            {"a": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "spec": 1}},
            {"a": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}}},
            id="an embedded object keeps its head",
        ),
    ],
)
def test_an_object_is_pruned_and_defaulted(schema: Object, given: Object, result: Object) -> None:
    assert stored(schema, given) == result


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        (STRING, 1, 'must be of type string: "integer"'),
        (INTEGER, 1.5, 'must be of type integer: "number"'),
        (INTEGER, True, "must be of type integer"),
        ({"type": "number"}, "1", "must be of type number"),
        ({"type": "boolean"}, "true", "must be of type boolean"),
        ({"type": "array", "items": STRING}, {}, "must be of type array"),
        ({"type": "array", "items": STRING}, ["a", 1], r"spec\.a\[1\]"),
        ({"type": "object"}, [], "must be of type object"),
        ({"x-kubernetes-int-or-string": True}, 1.5, "must be of type integer or string"),
        ({**STRING, "enum": ["a", "b"]}, "c", "supported values: a, b"),
        ({**STRING, "pattern": "^a+$"}, "b", r"should match '\^a\+\$'"),
        ({**STRING, "minLength": 2}, "b", "at least 2 length"),
        ({**STRING, "maxLength": 2}, "bcd", "at most 2 length"),
        ({**INTEGER, "minimum": 1}, 0, "greater than or equal to 1"),
        ({**INTEGER, "maximum": 1}, 2, "less than or equal to 1"),
        ({"type": "array", "items": STRING, "minItems": 1}, [], "at least 1 items"),
        ({"type": "array", "items": STRING, "maxItems": 1}, ["a", "b"], "at most 1 items"),
        ({"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}, ["a", "a"], "Duplicate value"),
        (
            {"type": "array", "items": {"type": "object", "properties": {"n": STRING}}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"]},
            [{"n": "a"}, {"n": "a"}],
            "Duplicate value",
        ),
        ({"type": "object", "properties": {"b": STRING}, "required": ["b"]}, {}, r"spec\.a\.b: Required value"),
        ({"type": "object", "additionalProperties": STRING}, {"k": 1}, r"spec\.a\.k"),
    ],
)  # fmt: skip
def test_what_breaks_the_schema_is_refused(schema: Object, value: Any, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        stored({"properties": {"a": schema}}, {"a": value})


def test_the_status_is_pruned_too() -> None:
    server = ApiServer(
        crds=[crd({}, {"properties": {"known": INTEGER}}, subresources={"status": {}})]
    )
    pig = server.create(
        {
            "apiVersion": "example.com/v1",
            "kind": "Pig",
            "metadata": {"name": "p", "namespace": "default"},
        }
    )
    assert server.update_status({**pig, "status": {"known": 1, "unknown": 2}})["status"] == {
        "known": 1
    }
    with pytest.raises(Invalid, match=r"status\.known"):
        server.update_status(
            {**pig, "metadata": {"name": "p", "namespace": "default"}, "status": {"known": "x"}}
        )


def test_without_the_subresource_the_status_is_written_like_the_rest() -> None:
    server = ApiServer(crds=[crd({}, {"x-kubernetes-preserve-unknown-fields": True})])
    pig = server.create(
        {
            "apiVersion": "example.com/v1",
            "kind": "Pig",
            "metadata": {"name": "p", "namespace": "default"},
            "status": {"a": 1},
        }
    )
    assert pig["status"] == {"a": 1}
    assert server.update({**pig, "status": {"a": 2}})["status"] == {"a": 2}
    with pytest.raises(NotFound):
        server.update_status(pig)


def test_versions_that_are_not_served_are_not_there() -> None:
    definition = crd({})
    definition["spec"]["versions"].append(
        {**definition["spec"]["versions"][0], "name": "v0", "served": False, "storage": False}
    )
    server = ApiServer(crds=[definition])
    assert server.find_kind("example.com/v1", "Pig") == PIG._replace(status=False)
    assert server.find_kind("example.com/v0", "Pig") is None

"""Strict: what decides and is odd is refused with the name of the object and the path."""

import pytest

from hooks.kernel import strict
from hooks.kernel.protocol import BadRequest

CHILD = {
    "kind": "Deployment",
    "metadata": {"name": "llama", "labels": {"app": "llama"}, "annotations": {"a.b/c": 7}},
    "spec": {
        "replicas": 2,
        "paused": True,
        "template": {"spec": {"containers": [{"name": "ctr"}, "x"], "volumes": "x"}},
        "selector": None,
    },
}


def refusal(read, *path):
    with pytest.raises(BadRequest) as caught:
        read(CHILD, *path)
    assert caught.value.status == 422
    return str(caught.value)


def test_what_is_there_is_returned():
    assert strict.mapping(CHILD, "metadata", "labels") == {"app": "llama"}
    assert strict.number(CHILD, "spec", "replicas") == 2
    assert strict.text(CHILD, "metadata", "name") == "llama"
    assert strict.text(CHILD, "spec", "template", "spec", "containers", 0, "name") == "ctr"
    assert strict.mappings({"a": [{"b": 1}]}, "a") == [{"b": 1}]


@pytest.mark.parametrize("path", [("status",), ("spec", "selector"), ("spec", "selector", "x")])
def test_what_is_absent_or_null_is_empty(path):
    assert strict.mapping(CHILD, *path) == {}
    assert strict.mappings(CHILD, *path) == []
    assert strict.text(CHILD, *path) == ""
    assert strict.number(CHILD, *path) is None


@pytest.mark.parametrize(
    ("read", "path", "told"),
    [
        (strict.mapping, ("spec", "replicas"), "spec.replicas: must be an object"),
        (strict.mapping, ("spec", "replicas", "x"), "spec.replicas: must be an object"),
        (
            strict.mappings,
            ("spec", "template", "spec", "volumes"),
            "spec.template.spec.volumes: must be a list of objects",
        ),
        (
            strict.mappings,
            ("spec", "template", "spec", "containers"),
            "spec.template.spec.containers[1]: must be an object",
        ),
        (
            strict.text,
            ("metadata", "annotations", "a.b/c"),
            "metadata.annotations[a.b/c]: must be text",
        ),
        (strict.number, ("spec", "paused"), "spec.paused: must be a whole number"),
        (strict.number, ("metadata", "name"), "metadata.name: must be a whole number"),
    ],
)
def test_what_is_odd_is_refused_by_object_and_path(read, path, told):
    assert refusal(read, *path) == f"Deployment llama: {told}"


def test_an_object_that_no_answer_could_repeat_is_refused():
    deep = {}
    for _ in range(300):
        deep = {"a": deep}
    assert strict.shallow(CHILD) is CHILD
    with pytest.raises(BadRequest, match="body: nested too deeply"):
        strict.shallow({**CHILD, "spec": deep})

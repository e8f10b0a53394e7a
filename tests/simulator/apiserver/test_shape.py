"""Shapes: the merge rules written down for built-in kinds are those that Kubernetes publishes."""

import functools
import json
from importlib import resources
from typing import Any

import pytest

from hooks.cluster.api import Object
from nimservice_simulator.apiserver import catalogue, shape
from nimservice_simulator.apiserver.definition import Definition
from nimservice_simulator.apiserver.shape import Shape

LEFT_OUT = ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
"""Volumes of yesterday, whose secret references are not worth a line."""
KINDS = [
    definition
    for definition in catalogue.DEFINITIONS
    if definition.kind not in ("Namespace", "Node")
]


@functools.cache
def published() -> dict[str, Any]:
    folder = resources.files("kubernetes_validate") / "kubernetes-json-schema" / "v1.36.0-local"
    found: dict[str, Any] = json.loads((folder / "_definitions.json").read_text())["$defs"]
    return found


def rules_of(schema: Object, path: str, above: tuple[str, ...]) -> dict[str, object]:
    """Return every field of a schema that does not merge in the common way, with how it does."""
    schema = {
        **schema,
        **{name: value for part in schema.get("allOf", []) for name, value in part.items()},
    }
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return (
            {}
            if name in above
            else rules_of({**published()[name], **_without_reference(schema)}, path, (*above, name))
        )
    return here(schema, path, above)


def _without_reference(schema: Object) -> Object:
    return {name: value for name, value in schema.items() if name not in ("$ref", "allOf")}


def here(schema: Object, path: str, above: tuple[str, ...]) -> dict[str, object]:
    if schema.get("x-kubernetes-map-type") == "atomic":
        return {path: "atomic"}
    kind, found = schema.get("x-kubernetes-list-type"), {}
    if kind in ("map", "set"):
        found[path] = tuple(schema.get("x-kubernetes-list-map-keys", [])) or "set"
    elif "items" in schema:
        return {}
    for name, inner in schema.get("properties", {}).items():
        found |= rules_of(inner, f"{path}.{name}", above)
    below = schema.get("items") or schema.get("additionalProperties")
    return found | (rules_of(below, f"{path}[]", above) if isinstance(below, dict) else {})


def rules_of_shape(known: Shape, path: str) -> dict[str, object]:
    if known.atomic:
        return {path: "atomic"}
    found: dict[str, object] = {path: known.keys or "set"} if known.keys or known.is_set else {}
    for name, inner in known.fields.items():
        found |= rules_of_shape(inner, f"{path}.{name}")
    return found | (rules_of_shape(known.items, f"{path}[]") if known.items else {})


@pytest.mark.parametrize("definition", KINDS, ids=lambda definition: definition.kind)
def test_merge_rules_are_those_that_kubernetes_publishes(definition: Definition) -> None:
    group, kind = definition.key
    wanted = {"group": group, "version": definition.versions[0].rpartition("/")[2], "kind": kind}
    root = next(
        schema
        for schema in published().values()
        if wanted in schema.get("x-kubernetes-group-version-kind", [])
    )
    theirs, ours = {}, {}
    for name, inner in root["properties"].items():
        if name not in ("metadata", "status"):
            theirs |= rules_of(inner, name, ())
    for name, inner_shape in definition.shape.fields.items():
        if name != "status":
            ours |= rules_of_shape(inner_shape, name)
    assert ours == {
        path: rule
        for path, rule in theirs.items()
        if not any(f".{name}." in path for name in LEFT_OUT)
    }


def test_a_custom_resources_shape_comes_from_its_schema() -> None:
    item = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "port": {"type": "integer", "default": 80},
            "tags": {"type": "array"},
        },
    }
    schema = {
        "type": "object",
        "properties": {
            "byKey": {
                "type": "array",
                "items": item,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name", "port"],
            },
            "unique": {
                "type": "array",
                "items": {"type": "string"},
                "x-kubernetes-list-type": "set",
            },
            "whole": {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "x-kubernetes-map-type": "atomic",
            },
            "plain": {"type": "array", "items": item},
        },
    }
    found = shape.from_schema(schema)
    assert set(found.fields) == {"byKey", "unique", "whole"}
    assert found.field("byKey").key({"name": "a"}) == ("a", 80)
    assert found.field("unique").is_set
    assert found.field("whole").atomic
    assert found.field("plain") == shape.ANY

"""Child: what holds for every child of an answer."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from hooks.kernel.crd import admission, shipped
from hooks.kernel.document import JSON
from hooks.resources import RESOURCES

OLDEST = "v1.30.0"
"""The oldest Kubernetes that is meant: a field that it does not know is a field too many."""
MERGE_KEYS = ("containerPort", "port", "mountPath", "name", "uid", "ip", "path")
"""By which dynamic apply tells the items of a list apart, in this order."""
KINDS = {
    (kind.api_version, kind.kind): kind for each in RESOURCES for kind in each.context.CHILDREN
}


def problems(child: JSON, parent: JSON) -> Iterator[str]:
    if (child.get("apiVersion"), child.get("kind")) not in KINDS:
        yield f"apiVersion {child.get('apiVersion')} is not that of the table of kinds"
    metadata = child["metadata"]
    if extra := set(metadata) - {"name", "namespace", "labels", "annotations"}:
        yield f"metadata has {sorted(extra)}"
    if "status" in child:
        yield "it has a status"
    if metadata.get("namespace") != parent["metadata"].get("namespace", "default"):
        yield f"it is in namespace {metadata.get('namespace')}"
    yield from _name(child)
    for key, value in _texts(child, ""):
        if not isinstance(value, str):
            yield f"{key} is {value!r}, which is no text"
    yield from _unique(child, "")
    yield from _schema(child)


def _name(child: JSON) -> Iterator[str]:
    name = child["metadata"]["name"]
    longest = 63 if child["kind"] == "Service" else 253
    if (
        not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", name)
        or len(name) > longest
    ):
        yield f"{name} is no name"


def _texts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield every label, annotation and selector."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("labels", "annotations", "matchLabels", "nodeSelector") and isinstance(
                item, dict
            ):
                yield from ((f"{path}.{key}.{name}", text) for name, text in item.items())
            else:
                yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)


def _unique(value: Any, path: str) -> Iterator[str]:
    """Look for lists whose items one of the engines would take for one another."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _unique(item, f"{path}.{key}")
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        shared = set.intersection(*(set(item) for item in value))
        if key := next((key for key in MERGE_KEYS if key in shared), None):
            names = [str(item[key]) for item in value]
            if len(names) > len(set(names)):
                yield f"{path}: {key} occurs twice in {names}"
        for item in value:
            yield from _unique(item, f"{path}[]")


def _schema(child: JSON) -> Iterator[str]:
    if child["kind"] in shipped.schemas():
        yield from (f"{each.path} {each.message}" for each in admission.problems(child))
        return
    validator = _validator(child["apiVersion"], child["kind"])
    if validator:
        yield from (
            f"{'.'.join(map(str, error.instance_path))}: {error.message[:200]}"
            for error in validator.iter_errors(child)
        )


@cache
def _validator(api_version: str, kind: str) -> Any:
    """Return the validator of a kind of Kubernetes' own, of the oldest version that has it; None
    for kinds of others."""
    group, _, version = api_version.rpartition("/")
    name = f"io.k8s.api.{group.partition('.')[0] or 'core'}.{version}.{kind}"
    for release in (OLDEST, "v1.34.0"):
        definitions = _definitions(release)
        if name in definitions["$defs"]:
            return jsonschema_rs.validator_for({**definitions, "$ref": f"#/$defs/{name}"})
    return None


@cache
def _definitions(release: str) -> JSON:
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"{release}-local-strict"
    return json.loads((folder / "_definitions.json").read_text())

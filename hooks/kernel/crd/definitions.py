"""Definitions: the schemas of Kubernetes' own types, expanded for a CustomResourceDefinition."""

import importlib.util
import json
from functools import cache
from importlib import resources
from typing import Any

from hooks.kernel.document import JSON

KUBERNETES = "1.36"
"""The newest release whose types are those of the published CRD: 1.37 adds fields to the probes."""

_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING: JSON = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "x-kubernetes-int-or-string": True,
}
_SPECIAL: dict[str, JSON] = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": _INT_OR_STRING,
    _QUANTITY: {
        **_INT_OR_STRING,
        "pattern": (
            r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
            r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
        ),
    },
}
# The Kubernetes API applies these defaults in code, the published CRD in its schema.
_DEFAULTS: dict[tuple[str, str], Any] = {
    ("io.k8s.api.core.v1.ConfigMapKeySelector", "name"): "",
    ("io.k8s.api.core.v1.ContainerPort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.FileKeySelector", "optional"): False,
    ("io.k8s.api.core.v1.GRPCAction", "service"): "",
    ("io.k8s.api.core.v1.SecretKeySelector", "name"): "",
}
_KEPT = (
    "description",
    "format",
    "required",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
)


def available() -> bool:
    """Whether the package with the definitions is installed; it is a development tool."""
    return importlib.util.find_spec("kubernetes_validate") is not None


def expand(name: str) -> JSON:
    """Return the schema of a definition such as ``core.v1.Affinity``, with references inlined."""
    full = f"io.k8s.{name}" if name.startswith("apimachinery.") else f"io.k8s.api.{name}"
    return _expand({"$ref": full})


def _expand(node: JSON) -> JSON:
    if "$ref" not in node:
        return _structural("", node)
    name = node["$ref"].rsplit("/", 1)[-1]
    schema = dict(_SPECIAL[name]) if name in _SPECIAL else _structural(name, _definitions()[name])
    return schema | {key: node[key] for key in ("description",) if key in node}


def _structural(name: str, node: JSON) -> JSON:
    schema: JSON = {key: node[key] for key in _KEPT if key in node}
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    schema["type"] = next(kind for kind in kinds if kind != "null")
    if "properties" in node:
        schema["properties"] = {key: _expand(part) for key, part in node["properties"].items()}
        for (owner, key), default in _DEFAULTS.items():
            if owner == name:
                schema["properties"][key]["default"] = default
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            schema[key] = _expand(node[key])
    return schema


@cache
def _definitions() -> dict[str, JSON]:
    folder = (
        resources.files("kubernetes_validate") / "kubernetes-json-schema" / f"v{KUBERNETES}.0-local"
    )
    definitions: dict[str, JSON] = json.loads((folder / "_definitions.json").read_text())["$defs"]
    return definitions

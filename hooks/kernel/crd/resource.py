"""Resource: the CustomResourceDefinitions of NIMService and NIMCache."""

from typing import Any

import yaml

from hooks.kernel.api.kubernetes import JSON
from hooks.kernel.api.model import Model
from hooks.kernel.crd import definitions, descriptions, schema
from hooks.nimcache.api.nimcache import NIMCache, NIMCacheSpec
from hooks.nimcache.api.status import NIMCacheStatus
from hooks.nimservice.api.nimservice import NIMService, NIMServiceSpec
from hooks.nimservice.api.status import NIMServiceStatus

_HEADER = "# Generated from hooks/api and hooks/nimcache/api by `nimservice crd --output crds`: edit those, then run `make crds`.\n"


def generate() -> dict[str, str]:
    """Return every CustomResourceDefinition as YAML, by its file name."""
    definitions = (_nimcache(), _nimservice())
    return {f"{crd['spec']['group']}_{crd['spec']['names']['plural']}.yaml": _HEADER + _text(crd) for crd in definitions}


def _nimservice() -> JSON:
    return _definition(
        names=_names("NIMService", "nims"),
        schema=_unseen(_root(NIMService, NIMServiceSpec, NIMServiceStatus)),
        subresources={
            "scale": {
                "specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas",
                "labelSelectorPath": ".status.selector",
            },
            "status": {},
        },
        columns=[
            _column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
            _column("Reason", '.status.conditions[?(@.type=="Ready")].reason'),
            _column("Replicas", ".status.replicas", type="integer"),
            _column("URL", ".status.model.clusterEndpoint"),
            _column("Age", ".metadata.creationTimestamp", type="date"),
            _column("State", ".status.state", priority=1),
            _column("Message", '.status.conditions[?(@.type=="Ready")].message', priority=1),
        ],
    )


def _nimcache() -> JSON:
    return _definition(
        names=_names("NIMCache", "nimc"),
        schema=_root(NIMCache, NIMCacheSpec, NIMCacheStatus),
        subresources={"status": {}},
        columns=[
            _column("Status", ".status.state"),
            _column("PVC", ".status.pvc"),
            _column("Age", ".metadata.creationTimestamp", type="date"),
        ],
    )


def _definition(*, names: JSON, schema: JSON, subresources: JSON, columns: list[JSON]) -> JSON:
    group = "apps.nvidia.com"
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": subresources,
        "additionalPrinterColumns": columns,
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
    }


def _names(kind: str, short: str) -> JSON:
    singular = kind.lower()
    return {"kind": kind, "listKind": f"{kind}List", "plural": f"{singular}s", "singular": singular, "shortNames": [short]}


def _column(name: str, path: str, *, type: str = "string", priority: int = 0) -> JSON:  # noqa: A002 - the API's own word
    return {"name": name, "jsonPath": path, "type": type} | ({"priority": priority} if priority else {})


def _root(model: type[Model], spec: type[Model], status: type[Model]) -> JSON:
    """Return the schema of a whole object, with the fields that every Kubernetes object has."""
    pod = definitions.expand("core.v1.Pod")["properties"]
    texts = descriptions.of_fields(model)
    root = {
        "description": descriptions.of_model(model),
        "type": "object",
        "properties": {
            "apiVersion": pod["apiVersion"],
            "kind": pod["kind"],
            "metadata": {"type": "object"},
            "spec": schema.of(spec) | {"description": texts["spec"]},
            "status": schema.of(status),
        },
        "required": ["spec"],
    }
    return root | ({"x-kubernetes-validations": schema.rules(model)} if model.rules else {})


def _unseen(root: JSON) -> JSON:
    """Return a schema by which an object without status reads as not seen yet; for kstatus one without any would be up to date."""
    root["properties"]["status"]["default"] = {"observedGeneration": -1}
    return root


class _Dumper(yaml.CSafeDumper):
    """Writes text of several lines as a block, as people do."""


def _string(dumper: Any, text: str) -> yaml.Node:
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)
    return node


_Dumper.add_representer(str, _string)
_Dumper.ignore_aliases = lambda *_: True  # type: ignore[method-assign]


def _text(crd: JSON) -> str:
    text: str = yaml.dump(crd, Dumper=_Dumper, sort_keys=True, width=120, allow_unicode=True)
    return text

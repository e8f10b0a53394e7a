"""Situations: every NIMService at hand, each under a name of its own, with the objects it needs."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

from hooks.cluster.api import Object, controller_of
from hooks.nimservice import kinds
from tests.control_plane.cluster import manifests
from tests.histories import edits

ROOT = Path(__file__).parents[2]
CONFORMANCE = ROOT.parent / "shared" / "conformance" / "cases"


class Situation(NamedTuple):
    """A NIMService and what it needs, as a user would apply them."""

    name: str
    nim: Object
    others: list[Object]


def every(namespace: str) -> list[Situation]:
    """Return all situations, ready to be applied to one namespace."""
    return _numbered(namespace, [*_of_the_project(), *_from_yaml(CONFORMANCE, "*/input.yaml")])


def own(namespace: str) -> list[Situation]:
    """Return the situations that the project's own files tell of."""
    return _numbered(namespace, [*_of_the_project()])


def _numbered(namespace: str, found: list[tuple[str, list[Object]]]) -> list[Situation]:
    return [
        _in(namespace, f"s{number:03}-", name, objects)
        for number, (name, objects) in enumerate(found)
    ]


def _of_the_project() -> Iterator[tuple[str, list[Object]]]:
    yield from _from_yaml(ROOT / "metacontroller" / "samples", "*.yaml")
    yield from _from_requests()
    for base in edits.BASES:
        yield f"histories/{base}", [edits.first(base), *map(edits.cache, edits.CACHES)]


def _from_yaml(folder: Path, pattern: str) -> Iterator[tuple[str, list[Object]]]:
    for path in sorted(folder.glob(pattern)):
        objects = manifests(path)
        others = [each for each in objects if each["kind"] != kinds.NIM_SERVICE.kind]
        for nim in (each for each in objects if each["kind"] == kinds.NIM_SERVICE.kind):
            yield (path.parent.name if path.name == "input.yaml" else path.stem), [nim, *others]


def _from_requests() -> Iterator[tuple[str, list[Object]]]:
    for path in sorted((ROOT / "tests" / "cases" / "nimservice").glob("*/*/request.json")):
        request = json.loads(path.read_text())
        related = [
            obj for group in (request.get("related") or {}).values() for obj in group.values()
        ]
        # What the NIMService owns is made by the hooks.
        wanted = [
            obj for obj in related if obj["kind"] != kinds.POD.kind and controller_of(obj) is None
        ]
        yield (
            f"{path.parts[-3]}/{path.parts[-2]}",
            [_bare(obj) for obj in (request["parent"], *wanted)],
        )


def _bare(obj: Object) -> Object:
    """Return an object as a user writes it; a NIMCache keeps its status, which no controller here
    would make."""
    meta = {
        key: value
        for key, value in obj["metadata"].items()
        if key in ("name", "labels", "annotations")
    }
    status = (
        {"status": obj["status"]} if obj["kind"] == kinds.NIM_CACHE.kind and "status" in obj else {}
    )
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "metadata": meta,
        **({"spec": obj["spec"]} if "spec" in obj else {}),
        **status,
    }


def _in(namespace: str, prefix: str, name: str, objects: list[Object]) -> Situation:
    nim, *others = deepcopy(objects)
    for obj in (nim, *others):
        obj["metadata"]["namespace"] = namespace
    nim["metadata"]["name"] = prefix + nim["metadata"]["name"]
    service = ((nim.get("spec") or {}).get("expose") or {}).get("service") or {}
    if service.get("name"):  # of several that ask for one name, one gets it
        service["name"] = prefix + service["name"]
    cache = ((nim.get("spec") or {}).get("storage") or {}).get("nimCache") or {}
    for other in others:
        if other["kind"] == kinds.NIM_CACHE.kind:
            if cache.get("name") == other["metadata"]["name"]:
                cache["name"] = prefix + cache["name"]
            other["metadata"]["name"] = prefix + other["metadata"]["name"]
    return Situation(prefix + name, nim, others)


def nimservice(namespace: str, name: str = "llama", **spec: object) -> Object:
    """Return a small NIMService; ``spec`` goes over its fields, and None takes one away."""
    fields = {
        "image": {
            "repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct",
            "tag": "1.12.0",
            "pullSecrets": ["ngc-secret"],
        },
        "authSecret": "ngc-api-secret",
        "storage": {"emptyDir": {}},
        "replicas": 1,
    } | spec
    return {
        "apiVersion": kinds.NIM_SERVICE.api_version,
        "kind": kinds.NIM_SERVICE.kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {field: value for field, value in fields.items() if value is not None},
    }


GATEWAY = {"name": "gateway", "namespace": "infra"}
HPA = {"enabled": True, "hpa": {"minReplicas": 1, "maxReplicas": 4}}
CLAIM = {"pvc": {"create": True, "size": "50Gi"}}


def full(namespace: str, name: str = "llama", **spec: object) -> Object:
    """Return a NIMService with everything around the pods that every cluster has: claim, Service,
    Ingress, autoscaler."""
    router = {
        "hostDomainName": "example.com",
        "ingress": {"ingressClass": "nginx", "tlsSecretName": "tls"},
    }
    around = {
        "storage": CLAIM,
        "replicas": None,
        "scale": HPA,
        "expose": {"service": {"port": 8000}, "router": router},
    }
    return nimservice(namespace, name, **(around | spec))

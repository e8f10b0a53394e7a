"""Situation: NIMServices and other parents, and what Metacontroller sends about them, as a real cluster would have it.

A child is made observed by ``applied``: it gets what Metacontroller and the API server add. So a test cannot start from an
object that no cluster would hold.
"""

import copy
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import orjson

from hooks.kernel import lastapplied
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import without_none
from hooks.kernel.owner import owner_reference
from hooks.kernel.protocol import HookRequest, decode
from hooks.kernel.resource import Answer, Resource
from hooks.nimservice import kinds, validation
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import plan
from hooks.nimservice.context import Context
from hooks.preview import installation
from hooks.resources import NIM_SERVICE, RESOURCES, Settings

NAME, NAMESPACE, UID = "llama", "nim", "5a0a4b3e-6d1c-4f0e-9d57-2f6b7c1f0a11"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EARLIER = "2026-03-01T11:00:00Z"
FINALIZER = "metacontroller.io/compositecontroller-nimservice"

SERVED = {each.kind.kind: each for each in RESOURCES}
"""The resources by the kind of their parents."""

DYNAMIC, SERVER_SIDE = "dynamic-apply", "server-side-apply"

JSON = dict[str, Any]

BASE_SPEC: JSON = {
    "image": {
        "repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct",
        "tag": "1.12.0",
        "pullSecrets": ["ngc-secret"],
    },
    "authSecret": "ngc-api-secret",
    "storage": {"pvc": {"name": "models"}},
}
"""What a small NIMService asks for: an image, a key and a claim that exists."""


def nimservice(
    *, status: JSON | None = None, generation: int = 1, deleted: datetime | None = None, **spec: Any
) -> JSON:
    """Return a NIMService as stored; ``spec`` goes over ``BASE_SPEC``, and None takes a field away."""
    metadata: JSON = {
        "name": NAME,
        "namespace": NAMESPACE,
        "uid": UID,
        "resourceVersion": "4711",
        "generation": generation,
        "creationTimestamp": EARLIER,
        "finalizers": [FINALIZER],
    }
    if deleted:
        metadata |= {"deletionTimestamp": stamp(deleted), "deletionGracePeriodSeconds": 0}
    merged = {key: value for key, value in {**BASE_SPEC, **spec}.items() if value is not None}
    nim = {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": metadata,
        "spec": copy.deepcopy(merged),
    }
    return nim if status is None else {**nim, "status": copy.deepcopy(status)}


def nimcache(
    name: str = "cache",
    *,
    state: str = "Ready",
    pvc: str = "cache-pvc",
    spec: JSON | None = None,
    **status: Any,
) -> JSON:
    """Return a NIMCache; ``spec.source`` is an image of NGC and its claim was created, unless said otherwise."""
    source = {
        "ngc": {
            "modelPuller": "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.12.0",
            "authSecret": "ngc-api-secret",
        }
    }
    storage = {"pvc": {"create": True, "size": "50Gi"}}
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMCache",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "uid": "c0ffee00-0000-4000-8000-000000000001",
            "generation": 1,
        },
        "spec": {"source": source, "storage": storage, **(spec or {})},
        "status": {"state": state, "pvc": pvc, **status},
    }


def applied(
    child: JSON,
    *,
    engine: str = DYNAMIC,
    owner: JSON | None = None,
    status: JSON | None = None,
    **spec: Any,
) -> JSON:
    """Return a child as observed after it was applied; ``spec`` is what the server or somebody else has set since.

    The ``owner`` is its parent, the NIMService of ``nimservice()`` unless another is given.
    """
    parent = owner or nimservice()
    observed = copy.deepcopy(child)
    metadata = observed["metadata"]
    uid = parent["metadata"]["uid"]
    metadata["labels"] = {**(metadata.get("labels") or {}), lastapplied.OWNER_LABEL: uid}
    record = copy.deepcopy(observed)
    if engine == DYNAMIC:
        text = json.dumps(record, sort_keys=True, separators=(",", ":"))
        metadata["annotations"] = {
            **(metadata.get("annotations") or {}),
            lastapplied.LAST_APPLIED: text,
        }
    else:
        metadata["managedFields"] = [managed(record)]
    number = crc32(f"{child['kind']}/{metadata['name']}".encode())
    metadata |= {
        "uid": f"00000000-0000-4000-8000-{number:012d}",
        "resourceVersion": "5000",
        "creationTimestamp": EARLIER,
        "ownerReferences": [owner_reference(parent)],
    }
    if child["kind"] in ("Deployment", "NIMService"):
        metadata["generation"] = 1
    if child["kind"] == "Deployment":
        observed["spec"] = {"replicas": 1, "revisionHistoryLimit": 10, **observed["spec"]}
    if child["kind"] == "Service":
        observed["spec"] = {
            "clusterIP": "10.96.0.10",
            "clusterIPs": ["10.96.0.10"],
            "sessionAffinity": "None",
            **observed["spec"],
        }
    if spec:
        observed["spec"] |= spec
    return observed if status is None else {**observed, "status": status}


def managed(child: JSON, manager: str = "metacontroller", operation: str = "Apply") -> JSON:
    """Return the entry of ``managedFields`` that says a manager applied the whole of a child."""
    owned = {
        key: value for key, value in child.items() if key not in ("apiVersion", "kind", "metadata")
    }
    metadata = {
        key: child["metadata"][key] for key in ("labels", "annotations") if key in child["metadata"]
    }
    fields = fields_of({**owned, "metadata": metadata})
    entry = {
        "manager": manager,
        "operation": operation,
        "apiVersion": child["apiVersion"],
        "time": EARLIER,
    }
    return {**entry, "fieldsType": "FieldsV1", "fieldsV1": fields}


def fields_of(value: Any) -> JSON:
    """Return fieldsV1 for a value; lists of objects are keyed by name, port or mount path as in the API's schema, others are atomic."""
    if isinstance(value, dict):
        return {f"f:{key}": fields_of(item) for key, item in value.items()}
    if (
        isinstance(value, list)
        and value
        and isinstance(value[0], dict)
        and (keys := _list_keys(value[0]))
    ):
        return {
            "k:"
            + json.dumps({key: item[key] for key in keys}, sort_keys=True, separators=(",", ":")): {
                ".": {},
                **fields_of(item),
            }
            for item in value
        }
    return {}


def _list_keys(item: JSON) -> tuple[str, ...]:
    return next(
        (
            keys
            for keys in (
                ("containerPort", "protocol"),
                ("port", "protocol"),
                ("mountPath",),
                ("name",),
            )
            if set(keys) <= set(item)
        ),
        (),
    )


def rolled_out(replicas: int = 1, /, **changes: Any) -> JSON:
    """Return the status of a Deployment whose rollout is complete."""
    status: JSON = {
        "observedGeneration": 1,
        "replicas": replicas,
        "updatedReplicas": replicas,
        "readyReplicas": replicas,
        "availableReplicas": replicas,
        "conditions": [progressing("NewReplicaSetAvailable")],
    }
    return {**status, **changes}


def progressing(reason: str, *, status: str = "True", message: str = "") -> JSON:
    """Return a Deployment's condition ``Progressing``."""
    times = {"lastTransitionTime": EARLIER, "lastUpdateTime": EARLIER}
    return {"type": "Progressing", "status": status, "reason": reason, "message": message, **times}


def controller(manages: Iterable[Kind] | None = None, served: Resource[Any] = NIM_SERVICE) -> JSON:
    """Return the CompositeController of an installation that manages some kinds, all where none are given."""
    made = installation.controller(served=served)
    if manages is not None:
        listed = {kind.rule for kind in manages}
        made["spec"]["childResources"] = [
            rule
            for rule in made["spec"]["childResources"]
            if (rule["resource"], rule["apiVersion"]) in listed
        ]
    made["metadata"] |= {"uid": "c0ffee00-0000-4000-8000-000000000002", "generation": 1}
    return {**made, "status": {}}


def body(
    parent: JSON,
    children: Iterable[JSON] = (),
    related: Iterable[JSON] = (),
    *,
    manages: Iterable[Kind] | None = None,
    finalizing: bool = False,
) -> JSON:
    """Return the body that Metacontroller posts: groups for every kind it manages, empty ones too."""
    served = SERVED[parent["kind"]]
    manages = served.context.CHILDREN if manages is None else tuple(manages)
    groups: JSON = {kind.group_key: {} for kind in manages}
    asked: JSON = {}
    for target, objects in ((groups, children), (asked, related)):
        for item in objects:
            metadata = item["metadata"]
            target.setdefault(f"{item['kind']}.{item['apiVersion']}", {})[
                f"{metadata['namespace']}/{metadata['name']}"
            ] = item
    return {
        "controller": controller(manages, served),
        "parent": parent,
        "children": groups,
        "related": asked,
        "finalizing": finalizing,
    }


def request(
    nim: JSON, children: Iterable[JSON] = (), related: Iterable[JSON] = (), **options: Any
) -> HookRequest:
    """Return the request as the hooks decode it."""
    return decode(orjson.dumps(body(nim, children, related, **options)))


def context(
    children: Iterable[JSON] = (),
    related: Iterable[JSON] = (),
    *,
    settings: Settings | None = None,
    manages: Iterable[Kind] = kinds.MANAGED,
    nim: JSON | None = None,
    **parent: Any,
) -> Context:
    """Return what a sync knows; ``parent`` is what ``nimservice`` takes."""
    asked = request(nim or nimservice(**parent), children, related, manages=manages)
    model = NIMService.parse(asked.parent)
    refused = validation.of(model)
    assert refused is None, refused
    return Context(model, asked, settings or Settings(), NOW, plan)


def stamp(time: datetime) -> str:
    """Return a time as Kubernetes writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(**duration: float) -> datetime:
    """Return a time before ``NOW``."""
    return NOW - timedelta(**duration)


def built(builder: Any, ctx: Context) -> list[JSON]:
    """Return the children that a builder makes, pruned as the answer has them; findings are left out."""
    return [without_none(item) for item in builder.build(ctx) if isinstance(item, dict)]


def only(
    builder: Any, children: Iterable[JSON] = (), related: Iterable[JSON] = (), **options: Any
) -> JSON:
    """Return the one child that a builder makes in a context."""
    (child,) = built(builder, context(children, related, **options))
    return child


def named(answer: Answer, ask: Callable[[str], str | None]) -> JSON:
    """Return an answer as the server sends it, once it has asked the model for its name."""
    if answer.question and (name := ask(answer.question)):
        answer.body["status"]["model"]["name"] = name
    return answer.body

"""Pipelines: NIMPipelines, their NIMServices, and what Metacontroller sends about them, as a real
cluster would have it."""

import copy
from collections.abc import Iterable
from typing import Any

from hooks.kernel.document import JSON
from hooks.nimpipeline import kinds, validation
from hooks.nimpipeline.api.nimpipeline import NIMPipeline
from hooks.nimpipeline.children import plan
from hooks.nimpipeline.context import Context
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.situations.nimservice import BASE_SPEC
from tests.situations.stored import EARLIER, NAMESPACE, NOW

_DEVICE: JSON = {
    "name": "g",
    "driverName": "gpu.nvidia.com",
    "attributeSelectors": [{"key": "a", "op": "Equal", "value": {"versionValue": "9.0"}}],
}
HELD: JSON = {**BASE_SPEC, "draResources": [{"claimCreationSpec": {"devices": [_DEVICE]}}]}
"""A spec that the API server admits and the hooks refuse, so that children are held."""

NAME, UID = "rag", "b0a7c3de-0f2e-4a37-8f0e-52a5a5e7d102"


def service(name: str = "llm", *, enabled: bool | None = True, **fields: Any) -> JSON:
    """Return an entry of ``spec.services``; None takes a field away."""
    given = {"name": name, "enabled": enabled, "spec": copy.deepcopy(BASE_SPEC), **fields}
    return {key: value for key, value in given.items() if value is not None}


def nimpipeline(
    *services: JSON, status: JSON | None = None, generation: int = 1, edited: str = EARLIER
) -> JSON:
    """Return a NIMPipeline as stored, with one service unless others are given."""
    pipeline: JSON = {
        "apiVersion": kinds.NIM_PIPELINE.api_version,
        "kind": kinds.NIM_PIPELINE.kind,
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "uid": UID,
            "resourceVersion": "4712",
            "generation": generation,
            "creationTimestamp": EARLIER,
            "managedFields": [{"manager": "kubectl", "operation": "Apply", "time": edited}],
        },
        "spec": {"services": list(services) or [service()]},
    }
    return pipeline if status is None else {**pipeline, "status": copy.deepcopy(status)}


def applied(namespace: str, *services: JSON, name: str = "rag") -> JSON:
    """Return a NIMPipeline as a user applies it."""
    return {**nimpipeline(*services), "metadata": {"name": name, "namespace": namespace}}


def nimservice(
    name: str = "llm",
    *,
    pipeline: JSON | None = None,
    state: str = "Ready",
    reason: str = "Ready",
    message: str = "1 of 1 replicas are available",
    engine: str = stored.DYNAMIC,
    conditions: Iterable[JSON] = (),
) -> JSON:
    """Return a NIMService of a pipeline as observed, made as its hook makes it, with what its own
    hook says of it."""
    owner = pipeline or nimpipeline(service(name))
    ctx = context(owner)
    (child,) = [each for each in ctx.plan.children if each["metadata"]["name"] == name]
    ready = condition("Ready", reason, message, "True" if state == "Ready" else "False")
    status = {"observedGeneration": 1, "state": state, "conditions": [ready, *conditions]}
    return stored.applied(child, owner, engine=engine, status=status)


def condition(kind: str, reason: str, message: str = "", status: str = "True") -> JSON:
    """Return a condition of a NIMService."""
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "observedGeneration": 1,
        "lastTransitionTime": EARLIER,
    }


def others(name: str = "llm", owner: JSON | None = None) -> JSON:
    """Return a NIMService that is not the pipeline's: somebody's, or nobody's."""
    nim = situation.nimservice()
    nim["metadata"] |= {"name": name, "uid": "f0f0f0f0-0000-4000-8000-000000000009"}
    if owner:
        nim["metadata"]["ownerReferences"] = [{**owner, "controller": True}]
    return nim


def context(
    pipeline: JSON | None = None, children: Iterable[JSON] = (), related: Iterable[JSON] = ()
) -> Context:
    """Return what a sync knows."""
    asked = stored.request(pipeline or nimpipeline(), children, related)
    model = NIMPipeline.parse(asked.parent)
    refused = validation.of(model)
    assert refused is None, refused
    return Context(model, asked, Settings(), NOW, plan)

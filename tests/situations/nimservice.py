"""NIMServices as a cluster stores them, and what Metacontroller sends about them."""

import copy
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from hooks.kernel.condition import timestamp as stamp
from hooks.kernel.document import JSON
from hooks.kernel.kind import Kind
from hooks.kernel.resource import Answer
from hooks.nimservice import kinds, validation
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import plan
from hooks.nimservice.context import Context
from hooks.resources import Settings
from tests.situations import stored
from tests.situations.stored import EARLIER, NAMESPACE, NOW, built

NAME, UID = "llama", "5a0a4b3e-6d1c-4f0e-9d57-2f6b7c1f0a11"
FINALIZER = "metacontroller.io/compositecontroller-nimservice"

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
    """Return a NIMService as stored; ``spec`` goes over ``BASE_SPEC``, and None takes a field
    away."""
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


def applied(child: JSON, *, owner: JSON | None = None, **options: Any) -> JSON:
    """Return a child as observed after it was applied, that of ``nimservice()`` unless another
    owner is given.

    The ``options`` are those of ``stored.applied``.
    """
    return stored.applied(child, owner or nimservice(), **options)


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
    asked = stored.request(nim or nimservice(**parent), children, related, manages=manages)
    model = NIMService.parse(asked.parent)
    refused = validation.of(model)
    assert refused is None, refused
    return Context(model, asked, settings or Settings(), NOW, plan)


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

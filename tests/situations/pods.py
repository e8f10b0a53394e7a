"""Pods: as the scheduler and the kubelet of Kubernetes 1.34 write them, for a NIMService of
``situation``."""

import copy
from collections.abc import Iterable
from typing import Any

from hooks.kernel.document import JSON
from hooks.nimservice import children
from hooks.nimservice.context import Context
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations import stored

NEW, OLD = "7d9f8c6b5", "5c4b7d9f8"
"""Hashes of the newest template and of the one before."""
CONTAINER = f"{situation.NAME}-ctr"
IMAGE = "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.12.0"
NODE = "gpu-node-1"
SINCE = "2026-03-01T11:50:00Z"
"""When containers began what they do: ten minutes before ``stored.NOW``."""


def pod(  # one argument for each thing that can be wrong
    *statuses: JSON,
    name: str = f"{situation.NAME}-{NEW}-aaaaa",
    template: str = NEW,
    init: Iterable[JSON] = (),
    scheduled: JSON | None = None,
    conditions: JSON | None = None,
    labels: JSON | None = None,
    metadata: JSON | None = None,
    spec: JSON | None = None,
    nim: JSON | None = None,
    **status: Any,
) -> JSON:
    """Return a pod with the statuses of its containers; without ``scheduled`` it is on a node."""
    given = copy.deepcopy(deployment(nim)["spec"]["template"])
    init, node = list(init), {} if scheduled else {"nodeName": NODE}
    ready = bool(statuses) and all(each["ready"] for each in (*init, *statuses))
    states = {
        "PodReadyToStartContainers": "False"
        if any(_creating(each) for each in statuses) and not init
        else "True",
        "Initialized": "True" if all(each["ready"] for each in init) else "False",
        "Ready": str(ready),
        "ContainersReady": str(ready),
        "PodScheduled": "True",
        **(conditions or {}),
    }
    listed = [condition(kind, state) for kind, state in states.items()]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": stored.NAMESPACE,
            "uid": f"pod-{name}",
            "creationTimestamp": SINCE if template == NEW else stored.EARLIER,
            "labels": {
                **given["metadata"]["labels"],
                "pod-template-hash": template,
                **(labels or {}),
            },
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": f"{situation.NAME}-{template}",
                    "controller": True,
                }
            ],
            **(metadata or {}),
        },
        "spec": {**given["spec"], **node, **(spec or {})},
        "status": {
            "phase": "Running"
            if any("running" in each["state"] for each in statuses)
            else "Pending",
            "conditions": [scheduled] if scheduled else listed,
            **({"containerStatuses": list(statuses)} if statuses else {}),
            **({"initContainerStatuses": init} if init else {}),
            **status,
        },
    }


def deployment(nim: JSON | None = None, **status: Any) -> JSON:
    """Return the Deployment as observed, its rollout to the newest template under way."""
    ctx = situation.context(nim=nim)
    made = next(child for child in children.plan(ctx).children if child["kind"] == "Deployment")
    rolling = situation.progressing(
        "ReplicaSetUpdated", message=f'ReplicaSet "{situation.NAME}-{NEW}" is progressing.'
    )
    missing = {
        "type": "Available",
        "status": "False",
        "reason": "MinimumReplicasUnavailable",
        "message": "Deployment does not have minimum availability.",
    }
    base = {
        "observedGeneration": 1,
        "replicas": 1,
        "updatedReplicas": 1,
        "unavailableReplicas": 1,
        "conditions": [missing, rolling],
    }
    return situation.applied(made, status={**base, **status})


def context(
    *pods: JSON,
    observed: Iterable[JSON] = (),
    related: Iterable[JSON] = (),
    nim: JSON | None = None,
    **workload: Any,
) -> Context:
    """Return what a sync knows of a Deployment in trouble and its pods; ``workload`` goes over the
    Deployment's status."""
    return situation.context(
        [deployment(nim, **workload), *observed], [*pods, *related], nim=nim, settings=Settings()
    )


def condition(
    kind: str, status: str, reason: str | None = None, message: str | None = None
) -> JSON:
    """Return a condition of a pod."""
    said = {
        key: value for key, value in (("reason", reason), ("message", message)) if value is not None
    }
    return {
        "type": kind,
        "status": status,
        "lastProbeTime": None,
        "lastTransitionTime": SINCE,
        **said,
    }


def unscheduled(message: str, reason: str = "Unschedulable") -> JSON:
    """Return the scheduler's condition of a pod that has no node."""
    return condition("PodScheduled", "False", reason, message)


def container(
    state: JSON,
    *,
    name: str = CONTAINER,
    ready: bool = False,
    started: bool = False,
    restarts: int = 0,
    last: JSON | None = None,
) -> JSON:
    """Return the status of a container."""
    image = {"image": IMAGE, "imageID": ""}
    return {
        "name": name,
        "state": state,
        "lastState": last or {},
        "ready": ready,
        "restartCount": restarts,
        **image,
        "started": started,
    }


def waiting(reason: str, message: str | None = None, **more: Any) -> JSON:
    """Return the status of a container that waits."""
    return container(
        {"waiting": {"reason": reason, **({"message": message} if message else {})}}, **more
    )


def running(**more: Any) -> JSON:
    """Return the status of a container that runs and is not ready."""
    return container({"running": {"startedAt": SINCE}}, **more)


def serving(**more: Any) -> JSON:
    """Return the status of a container that is ready."""
    return running(ready=True, started=True, **more)


def terminated(code: int, reason: str = "Error", message: str | None = None) -> JSON:
    """Return the state of a container that has ended."""
    times = {
        "startedAt": stored.EARLIER,
        "finishedAt": SINCE,
        "containerID": "containerd://4b1c",
    }
    return {
        "terminated": {
            "exitCode": code,
            "reason": reason,
            **({"message": message} if message else {}),
            **times,
        }
    }


def crashing(
    code: int,
    reason: str = "Error",
    message: str | None = None,
    *,
    name: str = CONTAINER,
    restarts: int = 4,
) -> JSON:
    """Return the status of a container that ends again and again."""
    backing = f"back-off 1m20s restarting failed container={name} pod={situation.NAME}-{NEW}-aaaaa_{stored.NAMESPACE}(5a0a4b3e)"
    return waiting(
        "CrashLoopBackOff",
        backing,
        name=name,
        restarts=restarts,
        last=terminated(code, reason, message),
    )


def completed(name: str) -> JSON:
    """Return the status of an init container that is done."""
    return container(terminated(0, "Completed"), name=name, ready=True)


def _creating(status: JSON) -> bool:
    return status["state"].get("waiting", {}).get("reason") == "ContainerCreating"

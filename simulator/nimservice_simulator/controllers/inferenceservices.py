"""InferenceServices: KServe's controller as far as NIMServices meet it.

It makes a predictor's Deployment, an address and conditions. Its configuration is the ConfigMap
``inferenceservice-config`` of namespace ``kserve``, as KServe's own.
"""

import json
from typing import NamedTuple

from hooks.cluster.api import Object, Resource, is_deleting, name_of
from hooks.kernel.values import copied
from nimservice_simulator.controllers.deployments import DEPLOYMENT
from nimservice_simulator.controllers.world import World, condition, reference

INFERENCE_SERVICE = Resource("serving.kserve.io/v1beta1", "InferenceService", "inferenceservices")
MANAGER = "kserve-controller"
_MODE, _STOP = "serving.kserve.io/deploymentMode", "serving.kserve.io/stop"
_OWN_FIELDS = {
    "minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "scaleMetricType", "autoScaling", "deploymentStrategy", "timeout",
    "containerConcurrency", "canaryTrafficPercent", "labels", "annotations", "model", "workerSpec", "logger", "batcher", "name",
}  # fmt: skip
"""What a predictor has beside the fields of a pod."""
_NOT_COPIED = (
    "autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/max-scale", "internal.serving.kserve.io/storage-initializer-sourceuri",
    "kubectl.kubernetes.io/last-applied-configuration", "modelFormat",
)  # fmt: skip
"""Annotations that KServe copies to no pod, whatever its configuration lists."""
_NOT_COPIED_BY_KNATIVE = ("networking.knative.dev/visibility",)
"""The same of labels. Of a Deployment, KServe copies all labels, listed or not."""
_CONFIG_MAP = Resource("v1", "ConfigMap", "configmaps")


class _Lists(NamedTuple):
    """What KServe is told not to copy, beside what it never copies."""

    annotations: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class InferenceServices:
    """Makes the predictor's Deployment and tells how it is."""

    kinds = ("InferenceService", "Deployment")

    def reconcile(self, world: World) -> None:
        """Bring each predictor to what is asked for, and report."""
        owners = world.all(*INFERENCE_SERVICE[:2])
        lists = _lists(world) if owners else _Lists()
        for owner in owners:
            if not is_deleting(owner):
                _reconcile(world, owner, lists)


def _lists(world: World) -> _Lists:
    if not world.server.exists(_CONFIG_MAP, "kserve", "inferenceservice-config"):
        return _Lists()
    data = world.server.get(_CONFIG_MAP, "kserve", "inferenceservice-config").get("data") or {}
    given = json.loads(data.get("inferenceService") or "{}")
    keys = ("serviceAnnotationDisallowedList", "serviceLabelDisallowedList")
    return _Lists(*(tuple(given.get(key) or ()) for key in keys))


def _reconcile(world: World, owner: Object, lists: _Lists) -> None:
    namespace, name = name_of(owner)
    wanted = _deployment(owner, lists)
    there = world.server.exists(DEPLOYMENT, namespace, wanted["metadata"]["name"])
    if _stopped(owner):
        if there:
            world.delete(
                world.server.get(DEPLOYMENT, namespace, wanted["metadata"]["name"]), MANAGER
            )
    else:
        world.server.apply(wanted, manager=MANAGER, force=True)
    live = (
        None
        if _stopped(owner)
        else world.server.get(DEPLOYMENT, namespace, wanted["metadata"]["name"])
    )
    host = f"{name}-predictor.{namespace}.svc.cluster.local"
    status = {
        "observedGeneration": owner["metadata"]["generation"],
        "deploymentMode": (owner["metadata"].get("annotations") or {}).get(_MODE, "Standard"),
        "url": f"http://{name}-{namespace}.example.com",
        "address": {"url": f"http://{host}"},
        "conditions": [
            condition(owner.get("status"), entry, world.now()) for entry in _conditions(live)
        ],
        "modelStatus": {
            "copies": {
                "failedCopies": 0,
                "totalCopies": ((live or {}).get("status") or {}).get("availableReplicas", 0),
            }
        },
    }
    world.set_status(owner, {**(owner.get("status") or {}), **status}, MANAGER)


def _conditions(deployment: Object | None) -> list[Object]:
    if deployment is None:
        return [
            {"type": kind, "status": "False", "reason": "Stopped", "message": "Stopped"}
            for kind in ("PredictorReady", "Ready")
        ]
    known = ((deployment.get("status") or {}).get("conditions") or []) + [
        {"type": "Available", "status": "Unknown"}
    ]
    available = next(entry for entry in known if entry["type"] == "Available")
    why = {
        name: available[name]
        for name in ("reason", "message")
        if name in available and available["status"] != "True"
    }
    ready = [
        {"type": kind, "status": available["status"], **why} for kind in ("PredictorReady", "Ready")
    ]
    return [{"type": "IngressReady", "status": "True"}, *ready]


def _deployment(owner: Object, lists: _Lists) -> Object:
    namespace, name = name_of(owner)
    predictor = copied(owner["spec"]["predictor"])
    labels = {
        "app": f"isvc.{name}-predictor",
        "component": "predictor",
        "serving.kserve.io/inferenceservice": name,
    }
    meta = owner["metadata"]
    # What the predictor has goes before.
    given = {**(meta.get("labels") or {}), **(predictor.get("labels") or {})}
    if (meta.get("annotations") or {}).get(_MODE) in ("Knative", "Serverless"):
        given = _without(given, _NOT_COPIED_BY_KNATIVE + lists.labels)
    notes = {**(meta.get("annotations") or {}), **(predictor.get("annotations") or {})}
    strategy = predictor.get("deploymentStrategy")
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": f"{name}-predictor",
            "namespace": namespace,
            "labels": labels,
            "ownerReferences": [reference(owner)],
        },
        "spec": {
            "replicas": predictor.get("minReplicas", 1),
            "selector": {"matchLabels": {"app": labels["app"]}},
            "template": {
                "metadata": {
                    "labels": {**given, **labels},
                    "annotations": _without(notes, _NOT_COPIED + lists.annotations),
                },
                "spec": {
                    field: value for field, value in predictor.items() if field not in _OWN_FIELDS
                },
            },
            **({"strategy": strategy} if strategy else {}),
        },
    }


def _without(marks: dict[str, str], keys: tuple[str, ...]) -> dict[str, str]:
    return {key: value for key, value in marks.items() if key not in keys}


def _stopped(owner: Object) -> bool:
    return bool((owner["metadata"].get("annotations") or {}).get(_STOP) == "true")

"""Settled: what must hold once nothing moves: nothing is written, and all is as if it had just been
applied."""

import copy
from typing import Any

import orjson

from hooks.cluster.api import Object
from hooks.kernel.lastapplied import LAST_APPLIED
from hooks.kernel.values import same
from hooks.nimservice import kinds, modelstore
from hooks.nimservice.api import kserve
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import ModelStore, source
from tests.histories.edits import CACHES
from tests.histories.judge import RESTARTED, Violation, difference
from tests.histories.world import METACONTROLLER, World

ONCE = {kinds.SECRET.kind, *(kind.kind for kind in kinds.MANAGED if kind.strategy == "OnDelete")}
"""Kinds whose content is made once and then left as it is; a Secret holds a random key."""

_FOREIGN = (
    LAST_APPLIED, RESTARTED, "deployment.kubernetes.io/revision", "pv.kubernetes.io/bind-completed", "apps.nvidia.com/endpoint-picker-config",
)  # fmt: skip
_MADE_ONCE = ("computeDomainStatus", "draResourceStatuses")
"""What the status says about children that are made once, and of claims whose names are
generated."""
_ALLOCATED = ("clusterIP", "clusterIPs", "volumeName", "healthCheckNodePort")


def check_rest(world: World) -> None:
    """Raise Violation if forced re-syncs write anything, or if a child of a NIMService that is gone
    is left."""
    written = world.sim.writes_at_rest()
    if written:
        raise Violation("restless", f"at rest {dict(written)} is written")
    if world.nim is None:
        left = [obj for obj in world.sim.server.everything() if _owned(obj)]
        if left:
            raise Violation(
                "left over",
                f"{[(obj['kind'], obj['metadata']['name']) for obj in left]}, and its NIMService is gone",
            )


def in_order(nim: Object | None) -> bool:
    """Tell whether everything is as the spec asks, nothing held back for want of something."""
    status = (nim or {}).get("status") or {}
    degraded = [each for each in status.get("conditions") or [] if each["type"] == "Degraded"]
    return bool(nim) and status.get("state") == "Ready" and not degraded


def keeps_a_former_store(world: World) -> bool:
    """Tell whether the model runs from what its NIMCache was before it changed."""
    if world.nim is None or not (world.nim["spec"]["storage"].get("nimCache") or {}).get("name"):
        return False
    nim = NIMService.parse(world.nim)
    fresh = source.now(nim, world.find(kinds.NIM_CACHE, nim.spec.storage.nim_cache.name))
    recorded = modelstore.recall((world.nim.get("status") or {}).get("modelStore") or {})
    return isinstance(fresh, ModelStore) and recorded != fresh


def check_fresh(world: World) -> None:
    """Raise Violation where the outcome differs from that of the same NIMService, applied in a new
    world with the same caches."""
    nim = world.nim
    if nim is None:
        raise Violation("missing", "the NIMService could not be made again")
    new = World(engine=world.engine, rules=False, settings=None)
    for name in CACHES:
        cache = world.find(kinds.NIM_CACHE, name)
        if cache:
            new.write(
                {key: cache[key] for key in ("apiVersion", "kind", "spec", "status")}
                | {"metadata": _named(cache)}
            )
    new.write(
        {
            "apiVersion": nim["apiVersion"],
            "kind": nim["kind"],
            "metadata": _named(nim),
            "spec": nim["spec"],
        }
    )
    new.settle()
    free = nim["spec"].get("replicas") is None
    old_children, new_children = (
        {_key(each): _bare(each, free=free) for each in place.sim.children(place.nim)}
        for place in (world, new)
    )
    for key in sorted({*old_children, *new_children}):
        if key in old_children and key not in new_children:
            if key[0] != "PersistentVolumeClaim":
                raise Violation(
                    "differs", f"{'/'.join(key)} is there, and a fresh apply makes none"
                )
        elif key not in old_children:
            raise Violation("differs", f"{'/'.join(key)} is missing, and a fresh apply makes it")
        elif key[0] not in ONCE and not same(old_children[key], new_children[key]):
            raise Violation(
                "differs",
                f"{'/'.join(key)} from a fresh apply: {difference(new_children[key], old_children[key])}",
            )
    if new.nim and not free and not same(_said(nim), _said(new.nim)):
        raise Violation(
            "differs", f"status from a fresh apply: {difference(_said(new.nim), _said(nim))}"
        )


def _owned(obj: Object) -> bool:
    return any(
        owner["kind"] == kinds.NIM_SERVICE.kind
        for owner in obj["metadata"].get("ownerReferences") or []
    )


def _named(obj: Object) -> Object:
    return {"name": obj["metadata"]["name"], "namespace": obj["metadata"]["namespace"]}


def _key(obj: Object) -> tuple[str, str]:
    return obj["kind"], obj["metadata"]["name"]


def _said(nim: Object) -> Object:
    status = copy.deepcopy(nim["status"])
    status.pop("observedGeneration", None)
    for each in status["conditions"]:
        each.pop("observedGeneration", None)
        each.pop("lastTransitionTime")
    status.get("model", {}).pop("clusterEndpoint", None)
    for name in _MADE_ONCE:
        status.pop(name, None)
    return status


def _bare(child: Object, *, free: bool) -> Object:
    """Return a child without what differs between any two clusters, and without a number of
    replicas that nobody asks for (0003)."""
    meta = child["metadata"]
    recorded = (meta.get("annotations") or {}).get(LAST_APPLIED)
    owned = [
        each["fieldsV1"]
        for each in meta["managedFields"]
        if (each["manager"], each["operation"]) == (METACONTROLLER, "Apply")
    ]
    kept = copy.deepcopy(
        {key: value for key, value in child.items() if key not in ("metadata", "status")}
    )
    document = _without_chance(
        {
            **kept,
            "metadata": {
                key: meta[key] for key in ("name", "labels", "annotations") if key in meta
            },
        },
        free=free,
    )
    document["recorded"] = _without_chance(orjson.loads(recorded), free=free) if recorded else None
    document["owned"] = [
        _without_chance_owned(copy.deepcopy(fields), free=free) for fields in owned
    ]
    return _sorted(document)


def _without_chance(document: Any, *, free: bool) -> Any:
    spec, meta = document.get("spec") or {}, document["metadata"]
    for place in (meta, (spec.get("template") or {}).get("metadata") or {}):
        place["labels"] = {
            key: value
            for key, value in (place.get("labels") or {}).items()
            if key != "controller-uid"
        }
        place["annotations"] = {
            key: value
            for key, value in (place.get("annotations") or {}).items()
            if key not in _FOREIGN
        }
    meta.pop("namespace", None)
    for name in _ALLOCATED:
        spec.pop(name, None)
    for port in spec.get("ports") or []:
        port.pop("nodePort", None)
    if document["kind"] in ("Deployment", "LeaderWorkerSet") and free:
        spec.pop("replicas", None)
    for container in (spec.get("predictor") or {}).get("containers") or []:
        if container["name"] == kserve.CONTAINER:
            container["name"] = f"{meta['name']}-ctr"  # a name that KServe has given once stays
    if document["kind"] == "InferenceService":  # what its pods have been given once stays
        spec["predictor"].get("labels", {}).pop(kserve.VISIBILITY, None)
        if meta["annotations"].get(kserve.AUTOSCALER_CLASS) == kserve.HPA:
            del meta["annotations"][kserve.AUTOSCALER_CLASS]
    if document["kind"] == "ConfigMap":
        kept = {
            key: value for key, value in (document.get("data") or {}).items() if key != "made-with"
        }
        document["data"] = {
            key: value for key, value in kept.items() if not (free and key.startswith("hostfile-"))
        }
    return document


def _without_chance_owned(fields: Any, *, free: bool) -> Any:
    fields.get("f:metadata", {}).pop("f:ownerReferences", None)
    fields.get("f:spec", {}).get("f:template", {}).get("f:metadata", {}).pop("f:annotations", None)
    fields.get("f:metadata", {}).get("f:annotations", {}).pop(f"f:{kserve.AUTOSCALER_CLASS}", None)
    predictor = fields.get("f:spec", {}).get("f:predictor", {})
    predictor.get("f:labels", {}).pop(f"f:{kserve.VISIBILITY}", None)
    if free:
        fields.get("f:spec", {}).pop("f:replicas", None)
        for key in [key for key in fields.get("f:data", {}) if key.startswith("f:hostfile-")]:
            del fields["f:data"][key]
    return fields


def _sorted(value: Any) -> Any:
    """Return the value with lists of named items in the order of their names: dynamic apply keeps
    the order that it finds."""
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [_sorted(item) for item in value]
        key = next(
            (
                key
                for key in ("name", "mountPath")
                if items and all(isinstance(each, dict) and key in each for each in items)
            ),
            None,
        )
        return sorted(items, key=lambda each: str(each[key])) if key else items
    return value

"""Deployments: roll from one ReplicaSet to the next, and tell how far they are."""

import hashlib
import math
from datetime import timedelta

from hooks.cluster.api import Object, Resource, is_deleting
from hooks.kernel.condition import timestamp
from hooks.kernel.values import canonical, copied
from nimservice_simulator.controllers.replicasets import REPLICA_SET
from nimservice_simulator.controllers.world import World, condition, reference, without_zero

DEPLOYMENT = Resource("apps/v1", "Deployment", "deployments")
MANAGER = "deployment-controller"
_REVISION = "deployment.kubernetes.io/revision"
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


class Deployments:
    """The controller of Deployments."""

    kinds = ("Deployment", "ReplicaSet")

    def reconcile(self, world: World) -> None:
        """Move each Deployment one step on."""
        for deployment in world.server.list(DEPLOYMENT):
            if not is_deleting(deployment):
                _reconcile(world, deployment)


def _reconcile(world: World, deployment: Object) -> None:
    sets = list(world.controlled(REPLICA_SET, deployment))
    name = f"{deployment['metadata']['name']}-{_hash(deployment['spec']['template'])}"
    new = next((owned for owned in sets if owned["metadata"]["name"] == name), None)
    if new is None:
        world.create(_replica_set(deployment, name, len(sets) + 1), MANAGER)
        new = world.server.get(REPLICA_SET, deployment["metadata"]["namespace"], name)
        world.edit(
            deployment,
            lambda obj: (
                obj["metadata"]
                .setdefault("annotations", {})
                .update({_REVISION: str(len(sets) + 1)})
            ),
            MANAGER,
        )
        deployment = world.server.get(
            DEPLOYMENT, deployment["metadata"]["namespace"], deployment["metadata"]["name"]
        )
    old = [owned for owned in sets if owned["metadata"]["name"] != name]
    _scale(world, deployment, new, old)
    _report(world, deployment, name)


def _scale(world: World, deployment: Object, new: Object, old: list[Object]) -> None:
    wanted = deployment["spec"]["replicas"]
    unavailable, surge = _limits(deployment["spec"]["strategy"], wanted)
    there = [*old, new]
    room = wanted + surge - sum(_size(owned) for owned in there)
    if deployment["spec"]["strategy"]["type"] == "Recreate" and any(
        _count(owned, "replicas") for owned in old
    ):
        room = 0
    size = (
        wanted
        if _size(new) > wanted or not any(_size(owned) for owned in old)
        else min(wanted, _size(new) + max(0, room))
    )
    least = wanted - unavailable
    available = sum(_count(owned, "availableReplicas") for owned in there)
    spare = max(0, available - least)
    # What a set says is available may be out of date by the pods that were taken from it last; its
    # size is not.
    most = max(
        0,
        sum(_size(owned) for owned in there)
        - least
        - max(0, _size(new) - _count(new, "availableReplicas")),
    )
    for owned in old:
        # what never became available costs nothing to remove
        idle = max(0, _size(owned) - _count(owned, "availableReplicas"))
        gone = (
            min(_size(owned), idle + spare, most)
            if deployment["spec"]["strategy"]["type"] == "RollingUpdate"
            else _size(owned)
        )
        spare, most = spare - max(0, gone - idle), most - gone
        _resize(world, owned, _size(owned) - gone)
    _resize(world, new, size)


def _limits(strategy: Object, wanted: int) -> tuple[int, int]:
    """Return how many pods may be missing and how many may be too many, in pods."""
    rolling = strategy.get("rollingUpdate") or {}
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    missing = (
        math.floor(int(unavailable[:-1]) * wanted / 100)
        if isinstance(unavailable, str)
        else unavailable
    )
    extra = math.ceil(int(surge[:-1]) * wanted / 100) if isinstance(surge, str) else surge
    return (missing, extra) if missing or extra else (1, 0)


def _resize(world: World, owned: Object, size: int) -> None:
    if _size(owned) != size:
        world.edit(owned, lambda obj: obj["spec"].update(replicas=size), MANAGER)


def _report(world: World, deployment: Object, name: str) -> None:
    sets = list(world.controlled(REPLICA_SET, deployment))
    new = next((owned for owned in sets if owned["metadata"]["name"] == name), None)
    wanted = deployment["spec"]["replicas"]
    total, ready, available = (
        sum(_count(owned, f"{field}eplicas") for owned in sets)
        for field in ("r", "readyR", "availableR")
    )
    updated = _count(new, "replicas") if new else 0
    counts = without_zero({
        "replicas": total, "updatedReplicas": updated, "readyReplicas": ready,
        "availableReplicas": available, "unavailableReplicas": max(0, max(wanted, total) - available),
    })  # fmt: skip
    complete = updated == total == available == wanted
    conditions = [
        _availability(deployment, available, world.now()),
        _progress(world, deployment, counts, name, complete=complete),
    ]
    failures = [
        entry
        for owned in sets
        for entry in (owned.get("status") or {}).get("conditions") or []
        if entry["type"] == "ReplicaFailure"
    ]
    status = {
        "observedGeneration": deployment["metadata"]["generation"],
        **counts,
        "conditions": conditions + failures[:1],
    }
    world.set_status(deployment, status, MANAGER)


def _availability(deployment: Object, available: int, now: str) -> Object:
    wanted = deployment["spec"]["replicas"]
    enough = available >= wanted - _limits(deployment["spec"]["strategy"], wanted)[0]
    new = {
        "type": "Available",
        "status": str(enough),
        "reason": "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        "message": f"Deployment {'has' if enough else 'does not have'} minimum availability.",
    }
    return condition(deployment.get("status"), new, now)


def _progress(
    world: World, deployment: Object, counts: Object, name: str, *, complete: bool
) -> Object:
    """Return the Progressing condition; its deadline counts from the last step forward."""
    before = deployment.get("status") or {}
    known = _known_progress(before)
    owner, deadline = deployment["metadata"]["uid"], deployment["spec"]["progressDeadlineSeconds"]
    if complete:
        world.forget(owner)
        return _moved(
            deployment,
            "NewReplicaSetAvailable",
            f'ReplicaSet "{name}" has successfully progressed.',
            world.now(),
        )
    if known and known["reason"] == "NewReplicaSetAvailable" and f'"{name}"' in known["message"]:
        return known  # a finished rollout is not measured again when pods fail or are added later
    fields = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    edited = before.get("observedGeneration") != deployment["metadata"]["generation"]
    if known is None or edited or any(counts.get(field) != before.get(field) for field in fields):
        world.forget(owner)
        world.after(deadline, owner, lambda: _touch(world, deployment))
        return {
            **_moved(
                deployment, "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.', world.now()
            ),
            "lastUpdateTime": world.now(),
        }
    if timestamp(world.clock.now() - timedelta(seconds=deadline)) >= known["lastUpdateTime"]:
        return _moved(
            deployment,
            "ProgressDeadlineExceeded",
            f'ReplicaSet "{name}" has timed out progressing.',
            world.now(),
        )
    return known


def _moved(deployment: Object, reason: str, message: str, now: str) -> Object:
    """Return the Progressing condition with another reason.

    Its update time moves when the reason does.
    """
    before = deployment.get("status") or {}
    known = _known_progress(before)
    status = "False" if reason == "ProgressDeadlineExceeded" else "True"
    new = condition(
        before, {"type": "Progressing", "status": status, "reason": reason, "message": message}, now
    )
    return {
        **new,
        "lastUpdateTime": known["lastUpdateTime"] if known and known["reason"] == reason else now,
    }


def _known_progress(status: Object) -> Object | None:
    return next(
        (entry for entry in status.get("conditions") or [] if entry["type"] == "Progressing"), None
    )


def _touch(world: World, deployment: Object) -> None:
    """Look at a Deployment again once its deadline has passed."""
    meta = deployment["metadata"]
    if world.server.exists(DEPLOYMENT, meta["namespace"], meta["name"]):
        _reconcile(world, world.server.get(DEPLOYMENT, meta["namespace"], meta["name"]))


def _replica_set(deployment: Object, name: str, revision: int) -> Object:
    meta = deployment["metadata"]
    template = copied(deployment["spec"]["template"])
    label = {"pod-template-hash": name.rpartition("-")[2]}
    template["metadata"]["labels"] = {**template["metadata"].get("labels", {}), **label}
    selector = copied(deployment["spec"]["selector"])
    selector["matchLabels"] = {**selector.get("matchLabels", {}), **label}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": name,
            "namespace": meta["namespace"],
            "labels": template["metadata"]["labels"],
            "annotations": {_REVISION: str(revision)},
            "ownerReferences": [reference(deployment)],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    }


def _hash(template: Object) -> str:
    digest = hashlib.sha256(canonical(template)).digest()
    return "".join(_SAFE[byte % len(_SAFE)] for byte in digest[:10])


def _size(owned: Object) -> int:
    return int(owned["spec"]["replicas"])


def _count(owned: Object, field: str) -> int:
    return int((owned.get("status") or {}).get(field, 0))

"""LeaderWorkerSets: groups of pods, one leader and its workers each, that come and go together."""

import hashlib

from hooks.cluster.api import Object, Resource, is_deleting, name_of
from hooks.kernel.values import canonical, copied
from nimservice_simulator.controllers import podstates
from nimservice_simulator.controllers.podstates import is_ready
from nimservice_simulator.controllers.world import POD, World, condition, reference

LEADER_WORKER_SET = Resource("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "leaderworkersets")
MANAGER = "lws-controller"
_LABEL = "leaderworkerset.sigs.k8s.io"
_NAME, _GROUP, _WORKER, _REVISION = (
    f"{_LABEL}/{name}" for name in ("name", "group-index", "worker-index", "template-revision-hash")
)


class LeaderWorkerSets:
    """The controller of LeaderWorkerSets, without the StatefulSets in between."""

    kinds = ("LeaderWorkerSet", "Pod")

    def reconcile(self, world: World) -> None:
        """Move each set one step on.

        Surplus groups are deleted, missing pods are made, and one old group is replaced at a time.
        """
        for owner in world.all(*LEADER_WORKER_SET[:2]):
            if not is_deleting(owner):
                _reconcile(world, owner)


def _reconcile(world: World, owner: Object) -> None:
    wanted, size = (
        owner["spec"].get("replicas", 1),
        owner["spec"]["leaderWorkerTemplate"].get("size", 1),
    )
    groups = _groups(world, owner)
    for index in [index for index in groups if index >= wanted]:
        _delete(world, groups.pop(index))
    revision = _revision(owner)
    old = [
        index
        for index, pods in groups.items()
        if any(pod["metadata"]["labels"][_REVISION] != revision for pod in pods)
    ]
    for pods in groups.values():
        if _recreates(owner) and any(is_deleting(pod) or _restarted(pod) for pod in pods):
            _delete(world, pods)
    broken = [index for index in old if not _complete(groups[index], size)]
    unready = [index for index in range(wanted) if not _complete(groups.get(index, []), size)]
    # a group that serves goes only while all others do
    for index in broken or ([] if unready else old[-1:]):
        _delete(world, groups[index])
    for index in range(wanted):
        if index not in old:
            _fill(world, owner, index, groups.get(index, []))
    _report(world, owner)


def _groups(world: World, owner: Object) -> dict[int, list[Object]]:
    """Return the pods of each group, including pods that are being deleted.

    A group is made again only after all its pods are gone.
    """
    groups: dict[int, list[Object]] = {}
    for pod in world.controlled(POD, owner):
        groups.setdefault(int(pod["metadata"]["labels"][_GROUP]), []).append(pod)
    return groups


def _recreates(owner: Object) -> bool:
    policy = owner["spec"]["leaderWorkerTemplate"].get("restartPolicy", "RecreateGroupOnPodRestart")
    return bool(policy == "RecreateGroupOnPodRestart")


def _restarted(pod: Object) -> bool:
    """Tell whether a container was started again: then the whole group starts anew."""
    statuses = (pod.get("status", {}).get(podstates.statuses(init=init)) for init in (True, False))
    return any(each["restartCount"] for found in statuses for each in found or [])


def _complete(pods: list[Object], size: int) -> bool:
    return len(pods) == size and all(is_ready(pod) and not is_deleting(pod) for pod in pods)


def _delete(world: World, pods: list[Object]) -> None:
    for pod in pods:
        if not is_deleting(pod):
            world.delete(pod, MANAGER)


def _fill(world: World, owner: Object, index: int, pods: list[Object]) -> None:
    if any(is_deleting(pod) for pod in pods):
        return
    there = {pod["metadata"]["labels"][_WORKER] for pod in pods}
    for worker in range(owner["spec"]["leaderWorkerTemplate"].get("size", 1)):
        if str(worker) not in there:
            world.create(_pod(owner, index, worker), MANAGER)


def _pod(owner: Object, index: int, worker: int) -> Object:
    template = copied(owner["spec"]["leaderWorkerTemplate"])
    namespace, name = name_of(owner)
    chosen = (
        template.get("leaderTemplate")
        if worker == 0 and template.get("leaderTemplate")
        else template["workerTemplate"]
    )
    leader = f"{name}-{index}"
    numbers = {_NAME: name, _GROUP: str(index), _WORKER: str(worker), _REVISION: _revision(owner)}
    address = {"name": "LWS_LEADER_ADDRESS", "value": f"{leader}.{name}.{namespace}"}
    for container in chosen["spec"]["containers"]:
        container["env"] = [
            address,
            *(
                variable
                for variable in container.get("env") or []
                if variable["name"] != address["name"]
            ),
        ]
    given = chosen.get("metadata") or {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{leader}-{worker}" if worker else leader,
            "namespace": namespace,
            "labels": {**(given.get("labels") or {}), **numbers},
            "annotations": {
                **(given.get("annotations") or {}),
                f"{_LABEL}/size": str(template.get("size", 1)),
            },
            "ownerReferences": [reference(owner)],
        },
        "spec": chosen["spec"],
    }


def _revision(owner: Object) -> str:
    return hashlib.sha256(canonical(owner["spec"]["leaderWorkerTemplate"])).hexdigest()[:10]


def _report(world: World, owner: Object) -> None:
    wanted, size = (
        owner["spec"].get("replicas", 1),
        owner["spec"]["leaderWorkerTemplate"].get("size", 1),
    )
    groups, revision = _groups(world, owner), _revision(owner)
    ready = [index for index, pods in groups.items() if _complete(pods, size)]
    updated = [
        index
        for index, pods in groups.items()
        if all(pod["metadata"]["labels"][_REVISION] == revision for pod in pods)
    ]
    all_ready = len(ready) == len(groups) == wanted and len(updated) == wanted
    before = owner.get("status")
    was_available = any(
        entry["type"] == "Available" for entry in (before or {}).get("conditions") or []
    )
    reason, message = (
        ("AllGroupsReady", "All replicas are ready")
        if all_ready
        else ("GroupsProgressing", "Replicas are progressing")
    )
    new = [
        {"type": "Progressing", "status": str(not all_ready), "reason": reason, "message": message}
    ]
    if all_ready or was_available:
        new.insert(
            0, {"type": "Available", "status": str(all_ready), "reason": reason, "message": message}
        )
        new.append(
            {
                "type": "UpdateInProgress",
                "status": str(len(updated) < len(groups)),
                "reason": reason,
                "message": message,
            }
        )
    status = {
        "observedGeneration": owner["metadata"]["generation"],
        "replicas": len(groups),
        "readyReplicas": len(ready),
        "updatedReplicas": len(updated),
        "hpaPodSelector": f"{_NAME}={owner['metadata']['name']},{_WORKER}=0",
        "conditions": [condition(before, entry, world.now()) for entry in new],
    }
    world.set_status(owner, status, MANAGER)

"""Pod states: the states a pod goes through, each a function that writes it into the pod."""

from collections.abc import Callable

from hooks.cluster.api import Object

State = Callable[[Object, str], None]
"""Changes a pod in place, given the time."""
NODE = "node-1"


def scheduled(pod: Object, now: str) -> None:
    """Place the pod on a node."""
    pod["spec"]["nodeName"] = NODE
    pod["status"].pop("nominatedNodeName", None)
    set_condition(pod, now, "PodScheduled", "True")


def nominated(pod: Object, _: str) -> None:
    """Choose a node that is still to be prepared for the pod."""
    pod["status"]["nominatedNodeName"] = NODE


def creating(pod: Object, now: str) -> None:
    """Let the kubelet take the pod and pull images."""
    pod["status"].setdefault("startTime", now)
    pod["status"]["hostIP"] = "192.0.2.1"
    for name in ("ContainersReady", "Ready"):
        set_condition(pod, now, name, "False", not_ready(pod))
    if not pod["spec"].get("initContainers"):
        set_condition(pod, now, "Initialized", "True")
        _waiting(pod, "ContainerCreating", "")
        return
    _waiting(pod, "PodInitializing", "")
    if not pod["status"].get("initContainerStatuses"):
        names = " ".join(container["name"] for container in pod["spec"]["initContainers"])
        why = ("ContainersNotInitialized", f"containers with incomplete status: [{names}]")
        set_condition(pod, now, "Initialized", "False", why)
        _waiting(pod, "PodInitializing", "", init=True)


def running(pod: Object, now: str) -> None:
    """Let the containers run, their startup probe not passed yet."""
    pod["status"]["phase"] = "Running"
    pod["status"]["podIP"] = "10.244.0.1"
    for container in pod["status"]["containerStatuses"]:
        container["state"] = {"running": {"startedAt": now}}
        container.update(started=False, ready=False)


def started(pod: Object, _: str) -> None:
    """Let the startup probe pass."""
    for container in pod["status"]["containerStatuses"]:
        container["started"] = True


def ready(pod: Object, now: str) -> None:
    """Let the readiness probe pass."""
    started(pod, now)
    for container in pod["status"]["containerStatuses"]:
        container["ready"] = True
    for name in ("ContainersReady", "Ready"):
        set_condition(pod, now, name, "True")


def unready(pod: Object, now: str) -> None:
    """Let the readiness probe fail."""
    for container in pod["status"].get("containerStatuses") or []:
        container["ready"] = False
    for name in ("ContainersReady", "Ready"):
        set_condition(pod, now, name, "False", not_ready(pod))


def disrupted(pod: Object, now: str) -> None:
    """Say that the pod is about to be evicted."""
    why = ("EvictionByEvictionAPI", "Eviction API: evicting")
    set_condition(pod, now, "DisruptionTarget", "True", why)


def unschedulable(message: str, reason: str = "Unschedulable") -> State:
    """Return the state of a pod that no node can take, or on which the scheduler failed."""

    def state(pod: Object, now: str) -> None:
        set_condition(pod, now, "PodScheduled", "False", (reason, message))

    return state


def waiting(reason: str, message: Callable[[Object], str]) -> State:
    """Return the state of a container that waits and says why."""

    def state(pod: Object, _: str) -> None:
        _waiting(pod, reason, message(pod))

    return state


def terminated(exit_code: int, reason: str, message: str = "") -> State:
    """Return the state of a main container that ended badly and waits to be restarted."""

    def state(pod: Object, now: str) -> None:
        unready(pod, now)
        container = pod["status"]["containerStatuses"][0]
        begun = (container["state"].get("running") or {}).get("startedAt", now)
        end = {"exitCode": exit_code, "reason": reason, "startedAt": begun, "finishedAt": now}
        container["lastState"] = {"terminated": end | ({"message": message} if message else {})}
        back_off(pod, container)

    return state


def back_off(pod: Object, container: Object) -> None:
    """Let a container that ended wait to be restarted."""
    container["restartCount"] += 1
    container["started"] = False
    meta = pod["metadata"]
    name = f"{container['name']} in pod {meta['name']}_{meta['namespace']}({meta['uid']})"
    seconds = pause(container["restartCount"])
    span = f"{seconds // 60}m{seconds % 60}s" if seconds >= 60 else f"{seconds}s"
    text = f"back-off {span} restarting failed container={name}"
    container["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": text}}


def pause(restarts: int) -> int:
    """Return the seconds before a container's next restart.

    It is 10, and doubles each time up to 300.
    """
    return int(min(300, 10 * 2 ** (restarts - 1)))


def is_ready(pod: Object) -> bool:
    """Tell whether a pod is ready."""
    return any(
        entry["type"] == "Ready" and entry["status"] == "True"
        for entry in pod.get("status", {}).get("conditions") or []
    )


def image(pod: Object) -> str:
    """Return the image of the pod's main container."""
    return str(pod["spec"]["containers"][0]["image"])


def _waiting(pod: Object, reason: str, message: str, *, init: bool = False) -> None:
    state = {"waiting": {"reason": reason} | ({"message": message} if message else {})}
    field, specs = statuses(init=init), "initContainers" if init else "containers"
    known = {entry["name"]: entry for entry in pod["status"].get(field) or []}
    pod["status"][field] = [
        {"restartCount": 0, "imageID": "", "lastState": {}, **known.get(container["name"], {}), "name": container["name"], "image": container["image"],
         "state": state, "ready": False, "started": False}
        for container in pod["spec"][specs]
    ]  # fmt: skip


def statuses(*, init: bool) -> str:
    """Return the field of a pod's status that has its init containers, or its others."""
    return "initContainerStatuses" if init else "containerStatuses"


def set_condition(
    pod: Object, now: str, kind: str, status: str, why: tuple[str, str] = ("", "")
) -> None:
    """Set a condition, with a reason and a message if given.

    Its time moves only when its status flips.
    """
    reason, message = why
    conditions = pod["status"].setdefault("conditions", [])
    before = next((entry for entry in conditions if entry["type"] == kind), None)
    since = before["lastTransitionTime"] if before and before["status"] == status else now
    new = (
        {"type": kind, "status": status, "lastTransitionTime": since}
        | ({"reason": reason} if reason else {})
        | ({"message": message} if message else {})
    )
    pod["status"]["conditions"] = [new if entry is before else entry for entry in conditions] + (
        [] if before else [new]
    )


def not_ready(pod: Object) -> tuple[str, str]:
    """Return reason and message of a pod whose containers are not ready."""
    names = " ".join(container["name"] for container in pod["spec"]["containers"])
    return "ContainersNotReady", f"containers with unready status: [{names}]"

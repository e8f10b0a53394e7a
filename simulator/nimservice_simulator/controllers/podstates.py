"""Pod states: the states a pod goes through, each a function that writes it into the pod."""

from collections.abc import Callable

from hooks.cluster.api import Object

State = Callable[[Object, str], None]
"""Changes a pod in place, given the time."""
NODE = "node-1"


def scheduled(pod: Object, now: str) -> None:
    """Place the pod on a node."""
    pod["spec"]["nodeName"] = NODE
    _set(pod, now, "PodScheduled", "True")


def creating(pod: Object, now: str) -> None:
    """Let the kubelet take the pod and pull images."""
    pod["status"].setdefault("startTime", now)
    pod["status"]["hostIP"] = "192.0.2.1"
    _set(pod, now, "Initialized", "True")
    for name in ("ContainersReady", "Ready"):
        _set(pod, now, name, "False", _not_ready(pod))
    _waiting(pod, "ContainerCreating", "")


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
        _set(pod, now, name, "True")


def unready(pod: Object, now: str) -> None:
    """Let the readiness probe fail."""
    for container in pod["status"].get("containerStatuses") or []:
        container["ready"] = False
    for name in ("ContainersReady", "Ready"):
        _set(pod, now, name, "False", _not_ready(pod))


def unschedulable(message: str) -> State:
    """Return the state of a pod that no node can take."""

    def state(pod: Object, now: str) -> None:
        _set(pod, now, "PodScheduled", "False", ("Unschedulable", message))

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
        container["restartCount"] += 1
        container["started"] = False
        name = f"{container['name']} in pod {pod['metadata']['name']}_{pod['metadata']['namespace']}({pod['metadata']['uid']})"
        pause = min(300, 10 * 2 ** (container["restartCount"] - 1))
        text = (
            f"back-off {pause // 60}m{pause % 60}s restarting failed container={name}"
            if pause >= 60
            else f"back-off {pause}s restarting failed container={name}"
        )
        container["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": text}}

    return state


def is_ready(pod: Object) -> bool:
    """Tell whether a pod is ready."""
    return any(
        entry["type"] == "Ready" and entry["status"] == "True"
        for entry in pod.get("status", {}).get("conditions") or []
    )


def image(pod: Object) -> str:
    """Return the image of the pod's main container."""
    return str(pod["spec"]["containers"][0]["image"])


def _waiting(pod: Object, reason: str, message: str) -> None:
    state = {"waiting": {"reason": reason} | ({"message": message} if message else {})}
    known = {entry["name"]: entry for entry in pod["status"].get("containerStatuses") or []}
    pod["status"]["containerStatuses"] = [
        {"restartCount": 0, "imageID": "", "lastState": {}, **known.get(container["name"], {}), "name": container["name"], "image": container["image"],
         "state": state, "ready": False, "started": False}
        for container in pod["spec"]["containers"]
    ]  # fmt: skip


def _set(pod: Object, now: str, kind: str, status: str, why: tuple[str, str] = ("", "")) -> None:
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


def _not_ready(pod: Object) -> tuple[str, str]:
    names = " ".join(container["name"] for container in pod["spec"]["containers"])
    return "ContainersNotReady", f"containers with unready status: [{names}]"

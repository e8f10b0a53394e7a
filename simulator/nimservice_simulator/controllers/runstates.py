"""Run states: the states of containers that end, and of the pods that end with them.

Each writes itself into a pod.
"""

from collections.abc import Iterator

from hooks.cluster.api import Object
from nimservice_simulator.controllers import podstates
from nimservice_simulator.controllers.podstates import State, set_condition
from nimservice_simulator.controllers.scenarios import Ending

_KEPT = 4096
"""Bytes of a termination message that the kubelet keeps."""
_SIGTERM = 128 + 15


def completes(pod: Object) -> bool:
    """Tell whether a pod's containers run to completion.

    Others are started again whenever they end.
    """
    return bool(pod["spec"]["restartPolicy"] != "Always")


def is_over(pod: Object) -> bool:
    """Tell whether a pod is over."""
    return pod["status"].get("phase") in ("Succeeded", "Failed")


def status_of(pod: Object, name: str, *, init: bool) -> Object:
    """Return the status of a container."""
    found: Object = next(
        each for each in pod["status"][podstates.statuses(init=init)] if each["name"] == name
    )
    return found


def is_running(pod: Object, name: str, *, init: bool) -> bool:
    """Tell whether a container runs."""
    return "running" in status_of(pod, name, init=init)["state"]


def is_done(pod: Object, name: str, *, init: bool) -> bool:
    """Tell whether a container ended and is not started again.

    An init container does so only if it succeeded.
    """
    end = status_of(pod, name, init=init)["state"].get("terminated")
    return bool(end and (not init or end["exitCode"] == 0))


def starts(name: str, *, init: bool) -> State:
    """Return the state in which a container runs.

    One that is not an init container is ready at once.
    """

    def state(pod: Object, now: str) -> None:
        status = status_of(pod, name, init=init)
        status["state"] = {"running": {"startedAt": now}}
        status["started"] = True
        pod["status"]["podIP"] = "10.244.0.1"
        if not init:
            pod["status"]["phase"] = "Running"
            status["ready"] = True
            if all(each["ready"] for each in pod["status"]["containerStatuses"]):
                podstates.ready(pod, now)

    return state


def ends(name: str, ending: Ending, *, init: bool, restarts: bool) -> State:
    """Return the state after a container ended: over, or waiting to be restarted."""

    def state(pod: Object, now: str) -> None:
        status = status_of(pod, name, init=init)
        last = _terminated(status, now, ending)
        status.update(ready=init and ending.exit_code == 0, started=False)
        if restarts:
            status["lastState"] = last
            podstates.back_off(pod, status)
        else:
            status["state"] = last
        if not init:
            for kind in ("ContainersReady", "Ready"):
                set_condition(pod, now, kind, "False", podstates.not_ready(pod))

    return state


def initialized(pod: Object, now: str) -> None:
    """Let the init containers be over."""
    set_condition(pod, now, "Initialized", "True")


def finish(pod: Object, now: str) -> None:
    """End a pod; it has succeeded if all of its containers have."""
    mains = pod["status"]["containerStatuses"]
    well = all((each["state"].get("terminated") or {}).get("exitCode") == 0 for each in mains)
    pod["status"]["phase"] = "Succeeded" if well else "Failed"
    why = ("PodCompleted" if well else "PodFailed", "")
    for kind in ("ContainersReady", "Ready"):
        set_condition(pod, now, kind, "False", why)
    if well:
        set_condition(pod, now, "Initialized", "True", why)


def stopped(pod: Object, now: str) -> None:
    """Let the kubelet end what runs, since the pod is deleted."""
    for status in _all(pod):
        if "running" in status["state"]:
            status["state"] = _terminated(status, now, Ending(_SIGTERM))
            status.update(ready=False, started=False)
    finish(pod, now)


def _all(pod: Object) -> Iterator[Object]:
    for init in (True, False):
        yield from pod["status"].get(podstates.statuses(init=init)) or []


def _terminated(status: Object, now: str, ending: Ending) -> Object:
    begun = (status["state"].get("running") or {}).get("startedAt", now)
    message = ending.message.encode()[:_KEPT].decode(errors="ignore")
    end = {
        "exitCode": ending.exit_code,
        "reason": ending.reason or ("Error" if ending.exit_code else "Completed"),
        "startedAt": begun,
        "finishedAt": now,
    }
    return {"terminated": end | ({"message": message} if message else {})}

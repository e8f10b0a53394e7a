"""Scenarios: what happens to pods and claims over time, by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hooks.cluster.api import Object
from nimservice_simulator.controllers import podstates
from nimservice_simulator.controllers.podstates import State

Plan = tuple[tuple[float, State], ...]
"""States with the seconds after the pod's creation at which they come."""


@dataclass(frozen=True)
class Scenario:
    """One way things go."""

    name: str
    summary: str
    plan: Callable[[Object], Plan]
    binds: bool = True
    """Whether new claims find a volume."""
    allocates: bool = True
    """Whether claims on devices are met."""
    quota: str = ""
    """Why no pod may be created, if so."""


_PLACED: Plan = ((1, podstates.scheduled), (2, podstates.creating))
_RUNNING: Plan = (*_PLACED, (20, podstates.running))


def _well(_: Object) -> Plan:
    return (*_RUNNING, (60, podstates.started), (65, podstates.ready))


def _image_pull(_: Object) -> Plan:
    failed = podstates.waiting(
        "ErrImagePull",
        lambda pod: f'failed to pull and unpack image "{podstates.image(pod)}": not found',
    )
    waits = podstates.waiting(
        "ImagePullBackOff",
        lambda pod: (
            f'Back-off pulling image "{podstates.image(pod)}": ErrImagePull: failed to pull and unpack image "{podstates.image(pod)}": not found'
        ),
    )
    return (*_PLACED, (5, failed), (20, waits))


def _ends(exit_code: int, reason: str, message: str = "") -> Callable[[Object], Plan]:
    """Return a plan of three runs that each end the same way."""
    ended = podstates.terminated(exit_code, reason, message)
    return lambda _: (
        *_RUNNING,
        (30, ended),
        (40, podstates.running),
        (50, ended),
        (70, podstates.running),
        (80, ended),
    )


def _unschedulable(message: str) -> Callable[[Object], Plan]:
    return lambda _: ((1, podstates.unschedulable(message)),)


def _missing_secret(pod: Object) -> Plan:
    name = next(_secrets(pod), None)
    if name is None:
        return _well(pod)
    return (
        *_PLACED,
        (
            10,
            podstates.waiting("CreateContainerConfigError", lambda _: f'secret "{name}" not found'),
        ),
    )


def _secrets(pod: Object) -> Iterator[str]:
    for container in pod["spec"]["containers"]:
        for variable in container.get("env") or []:
            reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                yield reference["name"]


_NO_GPU = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 No preemption victims found."
_QUOTA = "exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=8, limited: requests.nvidia.com/gpu=8"

READY = Scenario("ready", "images are pulled, containers start and get ready", _well)
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        READY,
        Scenario("image-pull", "the image cannot be pulled", _image_pull),
        Scenario(
            "crash",
            "the container ends with exit code 1 again and again",
            _ends(1, "Error", "RuntimeError: no supported GPU was found"),
        ),
        Scenario("oom", "the container is killed for want of memory", _ends(137, "OOMKilled")),
        Scenario("unschedulable", "no node has the GPUs", _unschedulable(_NO_GPU)),
        Scenario("pvc-pending", "the claim finds no volume", _well, binds=False),
        Scenario(
            "claim-pending",
            "no node has the devices that a ResourceClaim asks for",
            _well,
            allocates=False,
        ),
        Scenario(
            "missing-secret", "a Secret that the container needs is not there", _missing_secret
        ),
        Scenario("quota", "the namespace's quota admits no pod", _well, quota=_QUOTA),
        Scenario("deadline", "containers run and never get ready", lambda _: _RUNNING),
    )
}
"""All scenarios, in the order people read them."""

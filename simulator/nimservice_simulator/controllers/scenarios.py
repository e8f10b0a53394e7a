"""Scenarios: what happens to pods and claims over time, by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hooks.cluster.api import Object
from nimservice_simulator.controllers import podstates
from nimservice_simulator.controllers.podstates import State

Plan = tuple[tuple[float, State], ...]
"""States with the seconds after the pod's creation at which they come."""


class Start(NamedTuple):
    """A container that starts and is to end: an init container, or any container of a Job's pod."""

    pod: Object
    container: str
    """Its name."""
    init: bool
    """Whether it is an init container."""
    failures: int
    """How often a container of this name ended badly before.

    Earlier pods of the same Job count, too.
    """


class Ending(NamedTuple):
    """How a container ends."""

    exit_code: int = 0
    message: str = ""
    """What it wrote to its termination message path; the kubelet keeps 4096 bytes."""
    after: float = 30
    """Seconds that it runs."""
    reason: str = ""
    """``Completed`` or ``Error``, by its exit code, where nothing is given.

    ``OOMKilled`` is another.
    """


def succeeds(start: Start) -> Ending:
    """End well: init containers after 5 seconds, others after 30."""
    return Ending(after=5 if start.init else 30)


@dataclass(frozen=True)
class Scenario:
    """One way things go.

    ``plan`` brings a pod to the point where its containers run. What follows there in the plan is
    for pods that stay, such as those of a Deployment. Init containers, and the containers of pods
    that run to completion (``restartPolicy`` Never or OnFailure, as in a Job), end as ``ends``
    says. It is asked each time such a container starts::

        def download(start: Start) -> Ending | None:
            if start.failures < 2:
                return Ending(1, "401 Unauthorized", after=20)
            return Ending(0, '{"profiles": []}', after=300)

        Scenario("retries", "the download works at the third attempt", scenarios.well,
        ends=download)

    None means that the container runs until the pod is deleted. The Job's own behaviour (replacing
    pods, backoff, conditions) follows from its spec and needs no word in the scenario.
    """

    name: str
    summary: str
    plan: Callable[[Object], Plan]
    binds: bool = True
    """Whether new claims find a volume."""
    allocates: bool = True
    """Whether claims on devices are met."""
    quota: str = ""
    """Why no pod may be created, if so."""
    ends: Callable[[Start], Ending | None] = succeeds
    """How containers end that do not run for ever; None for one that does."""
    stopping: float = 2
    """Seconds that a pod takes to stop when it is deleted."""


_PLACED: Plan = ((1, podstates.scheduled), (2, podstates.creating))
_RUNNING: Plan = (*_PLACED, (20, podstates.running))


def well(_: Object) -> Plan:
    """Place the pod, pull its images, start its containers and let them get ready."""
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


def _badly(exit_code: int, reason: str, message: str = "") -> Callable[[Start], Ending]:
    """Let init containers end well and all others the same way each time."""
    return lambda start: succeeds(start) if start.init else Ending(exit_code, message, 10, reason)


def _unschedulable(message: str) -> Callable[[Object], Plan]:
    return lambda _: ((1, podstates.unschedulable(message)),)


def _missing_secret(pod: Object) -> Plan:
    name = next(_secrets(pod), None)
    if name is None:
        return well(pod)
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

READY = Scenario("ready", "images are pulled, containers start and get ready", well)
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        READY,
        Scenario("image-pull", "the image cannot be pulled", _image_pull),
        Scenario(
            "crash",
            "the container ends with exit code 1 again and again",
            _ends(1, "Error", "RuntimeError: no supported GPU was found"),
            ends=_badly(1, "Error", "RuntimeError: no supported GPU was found"),
        ),
        Scenario(
            "oom",
            "the container is killed for want of memory",
            _ends(137, "OOMKilled"),
            ends=_badly(137, "OOMKilled"),
        ),
        Scenario("unschedulable", "no node has the GPUs", _unschedulable(_NO_GPU)),
        Scenario("pvc-pending", "the claim finds no volume", well, binds=False),
        Scenario(
            "claim-pending",
            "no node has the devices that a ResourceClaim asks for",
            well,
            allocates=False,
        ),
        Scenario(
            "missing-secret", "a Secret that the container needs is not there", _missing_secret
        ),
        Scenario("quota", "the namespace's quota admits no pod", well, quota=_QUOTA),
        Scenario(
            "deadline",
            "containers run and never get ready",
            lambda _: _RUNNING,
            ends=lambda start: succeeds(start) if start.init else None,
        ),
    )
}
"""All scenarios, in the order people read them."""

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
    root: Object
    """What all of it is for: the object at the top of the pod's owners, else the pod itself."""


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

        Scenario("retries", "the download works at the third attempt", scenarios.get_ready,
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
    provisions: float = 0
    """Seconds that the volume of a claim is in the making, on a node that was chosen."""
    attempts: int = 0
    """How many pods of one name go this way; later ones start, and get no further. 0 for all.

    A group that fails is made again under its names for ever, and a simulation has to end.
    """
    stopping: float = 2
    """Seconds that a pod takes to stop when it is deleted."""
    applies: Callable[[Object], bool] = lambda _: True
    """Whether it makes a difference to an object; a NIMPipeline's services are asked on their own.

    Only what makes none to anything, such as that all goes well, applies to a NIMPipeline itself.
    """
    needs: str = "a NIMService or a NIMCache"
    """What it makes a difference to."""


WORKER_INDEX = "leaderworkerset.sigs.k8s.io/worker-index"
"""Label with the place of a pod in its group; 0 is the leader's."""

_PLACED: Plan = ((1, podstates.scheduled), (2, podstates.creating))
_RUNNING: Plan = (*_PLACED, (20, podstates.running))


def get_ready(_: Object) -> Plan:
    """Place the pod, pull its images, start its containers and let them get ready."""
    return (*_RUNNING, (60, podstates.started), (65, podstates.ready))


def start(_: Object) -> Plan:
    """Place the pod, pull its images and start its containers, which never get ready."""
    return _RUNNING


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


def _worker_ends(pod: Object) -> Plan:
    if pod["metadata"]["labels"].get(WORKER_INDEX) == "0":
        return start(pod)
    return _ends(1, "Error", "RuntimeError: NCCL cannot reach the leader")(pod)


def _failing(exit_code: int, reason: str, message: str = "") -> Callable[[Start], Ending]:
    """Let init containers end well and all others the same way each time."""
    return lambda start: succeeds(start) if start.init else Ending(exit_code, message, 10, reason)


def _unschedulable(message: str, reason: str = "Unschedulable") -> Callable[[Object], Plan]:
    return lambda _: ((1, podstates.unschedulable(message, reason)),)


def _missing_secret(pod: Object) -> Plan:
    name = next(_secrets(pod), None)
    if name is None:
        return get_ready(pod)
    return (
        *_PLACED,
        (
            10,
            podstates.waiting("CreateContainerConfigError", lambda _: f'secret "{name}" not found'),
        ),
    )


def _secrets(pod: Object) -> Iterator[str]:
    for container in pod["spec"]["containers"]:
        for source in container.get("envFrom") or []:
            if (reference := source.get("secretRef")) and not reference.get("optional"):
                yield reference["name"]
        for variable in container.get("env") or []:
            reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                yield reference["name"]


def _creates_claim(parent: Object) -> bool:
    return bool((((parent.get("spec") or {}).get("storage") or {}).get("pvc") or {}).get("create"))


def _names_secret(parent: Object) -> bool:
    spec = parent.get("spec") or {}
    sources = [each for each in (spec.get("source") or {}).values() if isinstance(each, dict)]
    return any(each.get("authSecret") for each in (spec, *sources))


def _claims_devices(parent: Object) -> bool:
    return bool((parent.get("spec") or {}).get("draResources"))


def _has_pods(parent: Object) -> bool:
    return bool(parent["kind"] != "NIMPipeline")


def _has_groups(parent: Object) -> bool:
    return bool((parent.get("spec") or {}).get("multiNode"))


def _is_service(parent: Object) -> bool:
    return bool(parent["kind"] == "NIMService")


_NO_GPU = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 No preemption victims found."
_NOT_BOUND = 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded'
_QUOTA = "exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=8, limited: requests.nvidia.com/gpu=8"

_ATTEMPTS = 3

READY = Scenario("ready", "images are pulled, containers start and get ready", get_ready)
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        READY,
        Scenario("image-pull", "the image cannot be pulled", _image_pull, applies=_has_pods),
        Scenario(
            "crash",
            "the container ends with exit code 1 again and again",
            _ends(1, "Error", "RuntimeError: no supported GPU was found"),
            attempts=_ATTEMPTS,
            ends=_failing(1, "Error", "RuntimeError: no supported GPU was found"),
            applies=_is_service,
            needs="a NIMService",
        ),
        Scenario(
            "oom",
            "the container is killed for want of memory",
            _ends(137, "OOMKilled"),
            attempts=_ATTEMPTS,
            ends=_failing(137, "OOMKilled"),
            applies=_is_service,
            needs="a NIMService",
        ),
        Scenario(
            "unschedulable", "no node has the GPUs", _unschedulable(_NO_GPU), applies=_has_pods
        ),
        Scenario(
            "scheduler-error",
            "the scheduler fails on each pod, though a node has the GPUs",
            _unschedulable(_NOT_BOUND, "SchedulerError"),
            applies=_has_pods,
        ),
        Scenario(
            "pvc-pending",
            "the claim finds no volume",
            get_ready,
            binds=False,
            applies=_creates_claim,
            needs="an object with spec.storage.pvc.create",
        ),
        Scenario(
            "slow-volume",
            "the volume of the claim takes five minutes to be made",
            get_ready,
            provisions=300,
            applies=_creates_claim,
            needs="an object with spec.storage.pvc.create",
        ),
        Scenario(
            "group-crash",
            "a worker ends with exit code 1, and its group starts anew each time",
            _worker_ends,
            attempts=_ATTEMPTS,
            applies=_has_groups,
            needs="a NIMService with spec.multiNode",
        ),
        Scenario(
            "claim-pending",
            "no node has the devices that a ResourceClaim asks for",
            get_ready,
            allocates=False,
            applies=_claims_devices,
            needs="a NIMService with spec.draResources",
        ),
        Scenario(
            "missing-secret",
            "a Secret that the container needs is not there",
            _missing_secret,
            applies=_names_secret,
            needs="an object with an authSecret",
        ),
        Scenario(
            "quota",
            "the namespace's quota admits no pod",
            get_ready,
            quota=_QUOTA,
            applies=_has_pods,
        ),
        Scenario(
            "deadline",
            "containers run and never get ready",
            start,
            ends=lambda start: succeeds(start) if start.init else None,
            applies=_is_service,
            needs="a NIMService",
        ),
    )
}
"""All scenarios, in the order people read them."""

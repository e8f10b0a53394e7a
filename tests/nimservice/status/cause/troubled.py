"""Troubled: pods by the end of their names, one for each cause, and the worst trouble of them."""

from collections.abc import Callable
from typing import Any

from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.situations import pods
from tests.situations.pods import NEW


def named(suffix: str, *statuses: JSON, template: str = NEW, **given: Any) -> JSON:
    return pods.pod(*statuses, name=f"llama-{template}-{suffix}", template=template, **given)


def worst(*each: JSON, **workload: Any) -> Finding:
    found = cause.worst(pods.context(*each, **workload))
    assert found is not None
    return found


def unseen(suffix: str) -> JSON:
    """Return a pod that no scheduler has looked at."""
    pod = named(suffix, scheduled=pods.unscheduled(""))
    return {**pod, "status": {"phase": "Pending"}}


SYMPTOMS: dict[str, Callable[[str], JSON]] = {
    "InvalidImageName": lambda name: named(name, pods.waiting("InvalidImageName", "no name")),
    "ErrImageNeverPull": lambda name: named(name, pods.waiting("ErrImageNeverPull", "never")),
    "SignatureValidationFailed": lambda name: named(
        name, pods.waiting("SignatureValidationFailed", "no signature")
    ),
    "ImageInspectError": lambda name: named(name, pods.waiting("ImageInspectError", "broken")),
    "ImagePullBackOff": lambda name: named(name, pods.waiting("ImagePullBackOff", "not found")),
    "CreateContainerConfigError": lambda name: named(
        name, pods.waiting("CreateContainerConfigError", 'secret "a" not found')
    ),
    "CreateContainerError": lambda name: named(
        name, pods.waiting("CreateContainerError", "runtime")
    ),
    "RunContainerError": lambda name: named(name, pods.waiting("RunContainerError", "runtime")),
    "OOMKilled": lambda name: named(name, pods.crashing(137, "OOMKilled")),
    "CrashLoopBackOff": lambda name: named(name, pods.crashing(1)),
    "PersistentVolumeClaimNotFound": lambda name: named(
        name, scheduled=pods.unscheduled('persistentvolumeclaim "a" not found')
    ),
    "NodeNotReady": lambda name: named(name, pods.serving(), conditions={"Ready": "False"}),
    "SchedulerError": lambda name: named(
        name, scheduled=pods.unscheduled("binding volumes timed out", "SchedulerError")
    ),
    "NotScheduled": unseen,
    "Unschedulable": lambda name: named(
        name, scheduled=pods.unscheduled("0/1 nodes are available: 1 Insufficient cpu.")
    ),
    "PersistentVolumeClaimPending": lambda name: named(
        name,
        scheduled=pods.unscheduled(
            "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."
        ),
    ),
    "NodeNominated": lambda name: named(
        name,
        scheduled=pods.unscheduled("0/1 nodes are available: 1 Insufficient cpu."),
        nominatedNodeName="gpu-node-7",
    ),
    "SchedulingGated": lambda name: named(
        name, scheduled=pods.unscheduled("blocked", "SchedulingGated")
    ),
    "PodInitializing": lambda name: named(
        name, pods.waiting("PodInitializing"), init=[pods.running(name="download")]
    ),
    "ContainerCreating": lambda name: named(name, pods.waiting("ContainerCreating")),
    "Starting": lambda name: named(name, pods.running()),
    "ContainersNotReady": lambda name: named(name, pods.running(started=True)),
    "ReadinessGatesNotReady": lambda name: named(
        name,
        pods.serving(),
        conditions={"Ready": "False"},
        spec={"readinessGates": [{"conditionType": "example.com/gate"}]},
    ),
    "UnexpectedAdmissionError": lambda name: named(
        name, phase="Failed", reason="UnexpectedAdmissionError", message="no GPU"
    ),
    "Evicted": lambda name: named(name, phase="Failed", reason="Evicted", message="low"),
    "NodeLost": lambda name: named(name, phase="Failed", reason="NodeLost"),
    "PodFailed": lambda name: named(name, phase="Failed", reason="Shutdown"),
}
"""A pod for each cause that a pod can have, but for those that need a deletion."""

"""Pod groups: of several troubles the worst is told, the same in every order of the pods."""

import random
from collections.abc import Callable

import pytest

from hooks.kernel.pod.reason import CAUSES, WEIGHT
from hooks.nimservice.context import Context
from hooks.nimservice.status import cause
from tests.nimservice.status.cause.troubled import named, worst
from tests.situations import pods
from tests.situations.stored import JSON

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
    "Unschedulable": lambda name: named(
        name, scheduled=pods.unscheduled("0/1 nodes are available: 1 Insufficient cpu.")
    ),
    "PersistentVolumeClaimPending": lambda name: named(
        name,
        scheduled=pods.unscheduled(
            "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."
        ),
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


@pytest.mark.parametrize("reason", SYMPTOMS)
def test_of_two_troubles_the_one_that_stands_first_in_the_table_is_told(reason: str) -> None:
    lighter = [other for other in SYMPTOMS if WEIGHT[other] > WEIGHT[reason]]
    for other in lighter:
        # Two of the lighter one, and first by name: weight counts before number and name.
        found = worst(SYMPTOMS[other]("aaa"), SYMPTOMS[other]("bbb"), SYMPTOMS[reason]("ccc"))
        assert found.reason == reason, f"{reason} and {other}"


def test_every_cause_that_a_pod_can_have_is_shown_by_these_tests() -> None:
    of_other_objects = {
        "PersistentVolumeClaimLost",
        "PodSecurityViolation",
        "AdmissionDenied",
        "QuotaExceeded",
        "FailedCreate",
        "ResourceClaimPending",
        "PredictorNotReady",
    }
    of_deletions = {"Preempted", "DeletionStuck"}
    assert {*SYMPTOMS, *of_other_objects, *of_deletions} == {each.name for each in CAUSES}


def _contexts(seed: int) -> tuple[Context, Context]:
    chance = random.Random(seed)
    made = [
        SYMPTOMS[chance.choice(list(SYMPTOMS))](f"{number:03d}")
        for number in range(chance.randint(2, 12))
    ]
    shuffled = chance.sample(made, len(made))
    return pods.context(*made), pods.context(*shuffled)


@pytest.mark.parametrize("seed", range(60))
def test_the_order_of_the_pods_does_not_matter(seed: int) -> None:
    one, other = _contexts(seed)
    assert cause.worst(one) == cause.worst(other)
    assert list(cause.warnings(one)) == list(cause.warnings(other))

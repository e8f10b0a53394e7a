"""Cause: many pods, of which the worst trouble is told once, the same in every order."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from hooks.kernel.finding import Finding
from hooks.kernel.pod.reason import CAUSES, WEIGHT
from hooks.nimservice import kinds
from hooks.nimservice.context import Context
from hooks.nimservice.status import cause
from tests.situations import nimservice as situation
from tests.situations import pods, stored
from tests.situations.pods import NEW, OLD

JSON = dict[str, Any]


def named(suffix: str, *statuses: JSON, template: str = NEW, **given: Any) -> JSON:
    return pods.pod(*statuses, name=f"llama-{template}-{suffix}", template=template, **given)


def worst(*each: JSON, **workload: Any) -> Finding:
    found = cause.worst(pods.context(*each, **workload))
    assert found is not None
    return found


def test_pods_with_the_same_trouble_are_counted() -> None:
    pulling = [
        named(suffix, pods.waiting("ErrImagePull", "not found")) for suffix in ("ccc", "aaa", "bbb")
    ]
    assert (
        "in 3 of 4 pods, such as llama-7d9f8c6b5-aaa"
        in worst(*pulling, named("ddd", pods.serving())).message
    )


def test_one_of_several_pods_is_named() -> None:
    assert (
        "in 1 of 2 pods, llama-7d9f8c6b5-bbb"
        in worst(named("aaa", pods.serving()), named("bbb", pods.crashing(1))).message
    )


def test_pods_that_wait_in_two_ways_are_counted_together() -> None:
    trying, waiting = (
        pods.waiting("ErrImagePull", "not found"),
        pods.waiting("ImagePullBackOff", "Back-off pulling image"),
    )
    assert "2 of 2 pods" in worst(named("aaa", trying), named("bbb", waiting)).message


def test_the_same_trouble_of_two_containers_is_not_mixed() -> None:
    many = [named(f"a{number}", pods.crashing(1, name="logger")) for number in range(2)]
    found = worst(named("000", pods.crashing(1)), *many)
    assert (
        "Container logger ended with exit code 1 after 4 restarts in 2 of 3 pods, such as llama-7d9f8c6b5-a0"
        in found.message
    )


def test_what_a_person_must_repair_is_told_before_what_passes() -> None:
    found = worst(
        named("aaa", pods.running()), named("bbb", pods.running()), named("ccc", pods.crashing(1))
    )
    assert found.reason == "CrashLoopBackOff"


def test_pods_of_the_newest_template_count_before_older_ones() -> None:
    older = [
        named(suffix, pods.waiting("ErrImagePull", "not found"), template=OLD)
        for suffix in ("a", "b")
    ]
    assert worst(*older, named("c", pods.running())).reason == "Starting"


def test_older_pods_are_told_of_while_the_newest_have_nothing_to_tell() -> None:
    assert (
        worst(named("a", pods.crashing(1), template=OLD), named("b", pods.serving())).reason
        == "CrashLoopBackOff"
    )


def test_after_an_undo_the_deployment_names_the_newest_template() -> None:
    younger, undone = (
        named("a", pods.waiting("ErrImagePull", "not found")),
        named("b", pods.running(), template=OLD),
    )
    rolling = situation.progressing(
        "ReplicaSetUpdated", message=f'ReplicaSet "llama-{OLD}" is progressing.'
    )
    assert worst(younger, undone, conditions=[rolling]).reason == "Starting"


def test_without_the_deployments_word_the_youngest_pod_is_of_the_newest_template() -> None:
    older, younger = (
        named("a", pods.waiting("ErrImagePull", "not found"), template=OLD),
        named("b", pods.running()),
    )
    assert worst(older, younger, conditions=[]).reason == "Starting"


def test_pods_that_end_or_have_ended_are_told_last_and_not_counted() -> None:
    gone = [
        named(f"a{number}", phase="Failed", reason="Evicted", message="low on memory")
        for number in range(3)
    ]
    assert worst(*gone).message.startswith(
        "Node gpu-node-1 evicted 3 pods, such as llama-7d9f8c6b5-a0"
    )
    assert worst(*gone, named("b", pods.running())).message.startswith(
        "Container llama-ctr has been starting in pod llama-7d9f8c6b5-b since"
    )


def test_somebody_elses_pods_with_the_same_label_are_left_alone() -> None:
    stranger = pods.pod(pods.crashing(1))
    stranger["metadata"]["labels"] = {
        "app": "llama",
        "app.kubernetes.io/instance": "llama",
        "app.kubernetes.io/managed-by": "Helm",
    }
    assert cause.worst(pods.context(stranger)) is None


def test_pods_of_a_namesakes_endpoint_picker_are_left_alone() -> None:
    stranger = pods.pod(
        pods.crashing(1), labels={"app": "llama", "app.kubernetes.io/instance": "llama-epp"}
    )
    assert cause.worst(pods.context(stranger)) is None


def group() -> tuple[JSON, JSON]:
    nim = situation.nimservice(multiNode={"parallelism": {"pipeline": 2, "tensor": 8}})
    workload = {
        "apiVersion": kinds.LEADER_WORKER_SET.api_version,
        "kind": "LeaderWorkerSet",
        "metadata": {"name": "llama-lws", "namespace": stored.NAMESPACE, "generation": 1},
        "spec": {"replicas": 2},
    }
    return nim, situation.applied(
        workload, status={"replicas": 2, "readyReplicas": 0, "updatedReplicas": 0}
    )


@pytest.mark.parametrize(
    ("worker", "place"), [("0", "leader of group 1"), ("1", "worker 1 of group 1")]
)
def test_of_a_group_the_pod_and_its_place_are_named(worker: str, place: str) -> None:
    nim, workload = group()
    labels = {
        "app": "llama-lws",
        "leaderworkerset.sigs.k8s.io/group-index": "1",
        "leaderworkerset.sigs.k8s.io/worker-index": worker,
    }
    pod = pods.pod(pods.crashing(1), name=f"llama-lws-1-{worker}", labels=labels)
    del pod["metadata"]["labels"]["pod-template-hash"]
    found = cause.worst(situation.context([workload], [pod], nim=nim))
    assert found is not None
    assert f"in pod llama-lws-1-{worker}, {place}" in found.message


def test_pods_of_the_former_platform_are_left_alone() -> None:
    nim, workload = group()
    assert cause.worst(situation.context([workload], [pods.pod(pods.crashing(1))], nim=nim)) is None


def test_pods_of_kserve_are_found_by_its_label() -> None:
    nim = situation.nimservice(inferencePlatform="kserve")
    labels = {"app": "isvc.llama-predictor", "serving.kserve.io/inferenceservice": "llama"}
    pod = pods.pod(
        pods.crashing(1, name="kserve-container"),
        name="llama-predictor-7d9f8c6b5-aaaaa",
        labels=labels,
    )
    found = cause.worst(situation.context([], [pod], nim=nim))
    assert found is not None
    assert (
        "Container kserve-container ended with exit code 1 after 4 restarts in pod llama-predictor-7d9f8c6b5-aaaaa"
        in found.message
    )


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

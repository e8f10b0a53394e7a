"""Cause: many pods, of which the worst trouble is told once, the same in every order."""

from typing import Any

import pytest

from hooks.kernel.document import JSON
from hooks.nimservice import kinds
from hooks.nimservice.status import cause
from tests.nimservice.status.cause.troubled import named, worst
from tests.situations import nimservice as situation
from tests.situations import pods, stored
from tests.situations.pods import OLD


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


GPUS = situation.nimservice(resources={"limits": {"nvidia.com/gpu": 4}})
NO_GPU = pods.unscheduled("0/3 nodes are available: 3 Insufficient nvidia.com/gpu.")


def replaced(former: JSON | None, scheduled: JSON = NO_GPU) -> str:
    waiting = named("new", scheduled=scheduled, nim=GPUS)
    found = cause.worst(pods.context(*filter(None, [former, waiting]), nim=GPUS))
    assert found is not None
    assert found.reason == "Unschedulable"
    return f"{found.message}; {found.remedy}"


def former(**given: Any) -> JSON:
    return named("old", pods.serving(), template=OLD, nim=GPUS, **given)


def test_a_pod_that_waits_for_the_gpu_of_the_pod_it_replaces_says_so() -> None:
    ending = former(metadata={"deletionTimestamp": stored.stamp(stored.NOW)})
    told = replaced(ending)
    assert f"Pod llama-{OLD}-old, which is ending, still has its devices" in told
    assert told.endswith("wait until it has ended")


def test_a_former_pod_that_stays_for_now_is_named_beside_the_remedy() -> None:
    told = replaced(former())
    assert f"Pod llama-{OLD}-old of the former template still has its devices" in told
    assert "wait until it is replaced, or free 4 nvidia.com/gpu on one node" in told


@pytest.mark.parametrize(
    "given",
    [
        None,
        named("old", pods.serving(), template=OLD),
        former(phase="Succeeded"),
        named("twin", pods.serving(), nim=GPUS),
    ],
    ids=["nothing else", "a pod without devices", "a pod that ended", "a pod of the same template"],
)
def test_no_other_pod_is_blamed(given: JSON | None) -> None:
    assert "still has its devices" not in replaced(given)


def test_memory_is_no_device() -> None:
    short = pods.unscheduled("0/3 nodes are available: 3 Insufficient memory.")
    assert "still has its devices" not in replaced(former(), short)

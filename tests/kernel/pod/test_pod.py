"""Cause: pods that end, are refused or have lost their node."""

from typing import Any

import pytest

from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.situations import pods, stored

POD = "pod llama-7d9f8c6b5-aaaaa"


def worst(*statuses: dict[str, Any], **given: Any) -> Finding | None:
    return cause.worst(pods.context(pods.pod(*statuses, **given)))


def deleted(seconds: int, *, finalizers: list[str] | None = None) -> dict[str, Any]:
    stamp = stored.stamp(stored.ago(seconds=seconds))
    return {
        "deletionTimestamp": stamp,
        "deletionGracePeriodSeconds": 30,
        **({"finalizers": finalizers} if finalizers else {}),
    }


def test_an_eviction_tells_the_node_what_was_short_and_what_to_ask_for() -> None:
    said = "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 9Gi. "
    assert worst(phase="Failed", reason="Evicted", message=said) == Finding(
        "Evicted",
        f"Node gpu-node-1 evicted {POD}"
        ' ("The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 9Gi.")',
        "request ephemeral-storage in spec.resources.requests, or give the node more of it",
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            "UnexpectedAdmissionError",
            "Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: 1, Available: 0",
        ),
        (
            "OutOfnvidia.com/gpu",
            "Node didn't have enough resource: nvidia.com/gpu, requested: 1, used: 8, capacity: 8",
        ),
        ("TopologyAffinityError", "Resources cannot be allocated with Topology locality"),
    ],
)
def test_a_node_that_refuses_a_pod_is_named(reason: str, said: str) -> None:
    found = worst(phase="Failed", reason=reason, message=said)
    assert found is not None
    assert found.reason == "UnexpectedAdmissionError"
    assert found.message.startswith(f'Node gpu-node-1 refused {POD} ("{said}")')


def test_a_pod_that_failed_for_a_reason_nobody_knows_is_quoted() -> None:
    found = worst(
        phase="Failed",
        reason="Terminated",
        message="Pod was terminated in response to imminent node shutdown.",
    )
    assert found is not None
    assert found.reason == "PodFailed"
    assert (
        '("Terminated: Pod was terminated in response to imminent node shutdown.")' in found.message
    )


def test_a_pod_that_succeeded_is_no_trouble() -> None:
    assert worst(phase="Succeeded") is None


def test_a_preempted_pod_had_to_make_room() -> None:
    disrupted = pods.condition(
        "DisruptionTarget",
        "True",
        "PreemptionByScheduler",
        "default-scheduler: preempting to accommodate a higher priority pod",
    )
    pod = pods.pod(pods.serving(), metadata=deleted(0))
    pod["status"]["conditions"].append(disrupted)
    found = cause.worst(pods.context(pod))
    assert found == Finding(
        "Preempted",
        f"The scheduler preempted {POD} for a pod of higher priority",
        "raise spec.priorityClassName, or add nodes",
    )


def test_a_pod_that_ends_in_time_is_no_trouble() -> None:
    assert worst(pods.serving(), metadata=deleted(-20)) is None
    assert worst(pods.crashing(1), metadata=deleted(10)) is None


def test_a_pod_that_is_held_by_a_finalizer_is_told() -> None:
    found = worst(pods.serving(), metadata=deleted(600, finalizers=["example.com/wait"]))
    assert found == Finding(
        "DeletionStuck",
        f"Finalizer example.com/wait has blocked the deletion of {POD} since 2026-03-01T11:50:00Z",
        "check the controller that set it",
    )


def test_a_pod_that_does_not_end_points_to_its_node() -> None:
    found = worst(pods.serving(), metadata=deleted(600))
    assert found == Finding(
        "DeletionStuck",
        f"Node gpu-node-1 has delayed the deletion of {POD} since 2026-03-01T11:50:00Z",
        "check whether node gpu-node-1 responds",
    )


def test_a_pod_whose_node_is_lost_is_told() -> None:
    said = "Node gpu-node-1 which was running pod llama-7d9f8c6b5-aaaaa is unresponsive"
    found = worst(pods.serving(), metadata=deleted(30), reason="NodeLost", message=said)
    assert found == Finding(
        "NodeLost",
        f"Node gpu-node-1 does not respond and still holds {POD}",
        "repair or remove the node",
    )


def test_a_node_that_does_not_report_marks_its_pods_unready_though_their_containers_are_ready() -> (
    None
):
    found = worst(pods.serving(), conditions={"Ready": "False"})
    assert found == Finding(
        "NodeNotReady",
        f"Node gpu-node-1 no longer reports the state of {POD}",
        "check the node",
    )


def test_a_readiness_gate_is_named() -> None:
    gate = "target-health.elbv2.k8s.aws/k8s-llama"
    found = worst(
        pods.serving(),
        conditions={"Ready": "False"},
        spec={"readinessGates": [{"conditionType": gate}]},
    )
    assert found == Finding(
        "ReadinessGatesNotReady",
        f"Readiness gate {gate} is closed for {POD}",
        "check the controller that sets it",
    )


def test_the_worst_container_of_a_pod_speaks() -> None:
    found = worst(
        pods.running(),
        pods.crashing(1, name="logger"),
        pods.waiting("ErrImagePull", "not found", name="proxy"),
    )
    assert found is not None
    assert found.reason == "ImagePullBackOff"

"""Cause: pods without a node."""

from datetime import timedelta

import pytest

from hooks.kernel.finding import Finding
from hooks.nimservice.status import cause
from tests.situations import nimservice as situation
from tests.situations import pods, stored

PREEMPTION = " no new claims to deallocate, preemption: 0/8 nodes are available: 8 Preemption is not helpful for scheduling."


def worst(
    message: str,
    *,
    reason: str = "Unschedulable",
    nim: dict[str, object] | None = None,
    **spec: object,
) -> Finding:
    found = cause.worst(
        pods.context(
            pods.pod(scheduled=pods.unscheduled(message, reason), nim=nim, spec=spec), nim=nim
        )
    )
    assert found is not None
    return found


def test_the_short_resource_and_the_nodes_are_told_without_preemption() -> None:
    nim = situation.nimservice(resources={"limits": {"nvidia.com/gpu": 8}})
    said = "0/8 nodes are available: 2 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 6 Insufficient nvidia.com/gpu."
    assert worst(said + PREEMPTION, nim=nim) == Finding(
        "Unschedulable",
        "None of 8 nodes fits pod llama-7d9f8c6b5-aaaaa"
        ' ("2 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 6 Insufficient nvidia.com/gpu")',
        "free 8 nvidia.com/gpu on one node, or add a node with as many",
    )


@pytest.mark.parametrize(
    "tail",
    [
        "",
        " preemption: 0/8 nodes are available: 8 No preemption victims found for incoming pod.",
        PREEMPTION,
        " still not schedulable, preemption: 0/8 nodes are available: 8 Preemption is not helpful for scheduling.",
    ],
)
def test_the_preemption_of_every_release_is_cut(tail: str) -> None:
    assert (
        '("8 Insufficient memory")'
        in worst("0/8 nodes are available: 8 Insufficient memory." + tail).message
    )


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        (
            "3 Insufficient cpu, 5 node(s) didn't match Pod's node affinity/selector",
            "free cpu on one node, or add a node with as many",
        ),
        (
            "8 node(s) had untolerated taint {nvidia.com/gpu: present}",
            "add spec.tolerations for the taint, or nodes without it",
        ),
        (
            "8 node(s) didn't match Pod's node affinity/selector",
            "compare spec.nodeSelector and spec.affinity with the nodes' labels",
        ),
        ("8 node(s) didn't match pod anti-affinity rules", "relax spec.affinity, or add nodes"),
        (
            "8 node(s) didn't match pod topology spread constraints",
            "relax spec.affinity, or add nodes",
        ),
        (
            "8 node(s) had volume node affinity conflict",
            "add nodes in the zone of the volume, or use storage that all nodes can reach",
        ),
        ("8 node(s) were unschedulable", "make nodes schedulable again with kubectl uncordon"),
        (
            "1 cannot allocate all claims, 7 node(s) had untolerated taint {a: b}",
            "check that nodes offer the devices of spec.draResources and spec.multiNode.computeDomain",
        ),
        ("8 Too many pods", "add nodes, or raise their limit of pods"),
    ],
)
def test_the_remedy_is_that_of_the_nodes_that_came_nearest(said: str, remedy: str) -> None:
    found = worst(f"0/8 nodes are available: {said}.{PREEMPTION}")
    assert found.reason == "Unschedulable"
    assert found.remedy == remedy


def test_a_claim_that_does_not_exist_is_named() -> None:
    found = worst('0/8 nodes are available: persistentvolumeclaim "models" not found.' + PREEMPTION)
    assert found == Finding(
        "PersistentVolumeClaimNotFound",
        "PersistentVolumeClaim models for pod llama-7d9f8c6b5-aaaaa does not exist",
        "create it in namespace nim, or correct spec.storage",
    )


def test_a_claim_that_is_being_deleted_is_named() -> None:
    found = worst('0/8 nodes are available: persistentvolumeclaim "models" is being deleted.')
    assert (
        "PersistentVolumeClaim models for pod llama-7d9f8c6b5-aaaaa is being deleted"
        in found.message
    )


def test_a_claim_without_a_volume_is_named() -> None:
    found = worst(
        "0/8 nodes are available: pod has unbound immediate PersistentVolumeClaims." + PREEMPTION
    )
    assert found.reason == "PersistentVolumeClaimPending"
    assert (
        found.message
        == "PersistentVolumeClaim models for pod llama-7d9f8c6b5-aaaaa is not bound to a volume"
    )


def test_a_scheduling_gate_is_named() -> None:
    gates = [{"name": "kueue.x-k8s.io/admission"}]
    found = worst(
        "Scheduling is blocked due to non-empty scheduling gates",
        reason="SchedulingGated",
        schedulingGates=gates,
    )
    assert found == Finding(
        "SchedulingGated",
        "Scheduling gate kueue.x-k8s.io/admission holds back pod llama-7d9f8c6b5-aaaaa",
        "check the controller that set it",
    )


def test_another_schedulers_words_are_quoted() -> None:
    assert '("queue gpu is full")' in worst("queue gpu is full").message


def test_a_scheduler_that_failed_is_not_told_as_nodes_that_do_not_fit() -> None:
    said = "running PreBind plugin: binding volumes: timed out waiting for the condition"
    assert worst(said, reason="SchedulerError") == Finding(
        "SchedulerError",
        f'The scheduler failed on pod llama-7d9f8c6b5-aaaaa ("{said}")',
        "check what it names, or see the events in kubectl describe pod llama-7d9f8c6b5-aaaaa -n nim",
    )


def test_a_pod_with_a_chosen_node_no_longer_lacks_one() -> None:
    full = pods.unscheduled("0/8 nodes are available: 8 Insufficient nvidia.com/gpu.")
    found = cause.worst(pods.context(pods.pod(scheduled=full, nominatedNodeName="gpu-node-7")))
    assert found is not None
    assert (found.reason, found.cause) == (
        "NodeNominated",
        "Node gpu-node-7 is chosen for pod llama-7d9f8c6b5-aaaaa, and is being prepared",
    )


def unseen(seconds: int, **spec: object) -> Finding | None:
    born = (stored.NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    pod = pods.pod(scheduled={}, spec=spec, metadata={"creationTimestamp": born})
    del pod["spec"]["nodeName"]
    pod["status"]["conditions"] = []
    return cause.worst(pods.context(pod))


def test_a_pod_that_no_scheduler_looks_at_names_its_scheduler() -> None:
    assert unseen(30, schedulerName="volcano") == Finding(
        "NotScheduled",
        "Scheduler volcano has not reported on pod llama-7d9f8c6b5-aaaaa",
        "check that it runs, or correct spec.schedulerName",
    )


def test_a_pod_that_was_just_made_is_no_trouble() -> None:
    assert unseen(5, schedulerName="volcano") is None


def test_a_pod_without_its_resource_claim_names_the_template() -> None:
    claims = [{"name": "gpu", "resourceClaimTemplateName": "eight-gpus"}]
    assert unseen(30, resourceClaims=claims) == Finding(
        "ResourceClaimPending",
        "No ResourceClaim of ResourceClaimTemplate eight-gpus exists for pod llama-7d9f8c6b5-aaaaa",
        "check that the template exists in namespace nim, "
        "or correct spec.draResources and spec.multiNode.computeDomain",
    )

"""The failure of a group: LeaderWorkerSet deletes it at the first restart of a container, so the
pods tell it for a moment only."""

import pytest

from hooks.kernel import resource
from hooks.kernel.condition import timestamp as stamp
from hooks.kernel.observed import condition
from hooks.nimservice import children
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import pods, stored

MULTI_NODE = {"parallelism": {"pipeline": 2, "tensor": 8}, "ray": {"rayPort": 6379}}
STARTING = {"type": "Progressing", "status": "True", "reason": "GroupsProgressing"}
AVAILABLE = {"type": "Available", "status": "True", "reason": "AllGroupsReady"}
CRASHED = pods.container(
    pods.terminated(137), last=pods.terminated(1, message="RuntimeError: no GPU"), restarts=1
)
"""The kubelet kills a container of a pod that is deleted; how it ended before counts."""


def group_pod(worker, *statuses, going=False):
    metadata = {"deletionTimestamp": stamp(stored.NOW)} if going else {}
    labels = {
        "app": "llama-lws",
        "leaderworkerset.sigs.k8s.io/group-index": "0",
        "leaderworkerset.sigs.k8s.io/worker-index": str(worker),
        "leaderworkerset.sigs.k8s.io/template-revision-hash": "abc",
    }
    name = f"llama-lws-0-{worker}" if worker else "llama-lws-0"
    made = pods.pod(*statuses, name=name, labels=labels)
    del made["metadata"]["labels"]["pod-template-hash"]
    made["metadata"] |= metadata
    return made


def synced(*related, before=None, conditions=(STARTING,), ready=0, now=stored.NOW, **spec):
    """Return the status that follows another one."""
    status = {"observedGeneration": 1} if before is None else {**before, "observedGeneration": 1}
    nim = situation.nimservice(multiNode=MULTI_NODE, status=status, **spec)
    (made,) = (
        child
        for child in children.plan(situation.context(nim=nim)).children
        if child["kind"] == "LeaderWorkerSet"
    )
    counts = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": ready}
    observed = situation.applied(made, status={**counts, "conditions": list(conditions)})
    request = stored.request(nim, [observed], related)
    return resource.sync(NIM_SERVICE, request, Settings(), now).body["status"]


def said(status):
    ready = condition({"status": status}, "Ready")
    return status["state"], ready["reason"], ready["message"]


FAILED = (
    "NotReady",
    "CrashLoopBackOff",
    (
        "Container llama-ctr ended with exit code 1 after 1 restart in pod llama-lws-0, leader of "
        'group 0 ("RuntimeError: no GPU"); '
        "follow the next attempt with kubectl logs llama-lws-0 -n nim -c llama-ctr --follow"
    ),
)


def test_the_failure_is_taken_from_a_pod_that_ends():
    killed = pods.container(pods.terminated(143))
    status = synced(group_pod(0, CRASHED, going=True), group_pod(1, killed, going=True))
    assert said(status) == FAILED
    assert status["groupFailure"]["reason"] == "CrashLoopBackOff"


def test_a_group_that_is_deleted_for_another_reason_has_not_failed():
    killed = pods.container(pods.terminated(143))
    status = synced(group_pod(0, killed, going=True))
    assert said(status)[1] == "RollingOut"
    assert "groupFailure" not in status


@pytest.mark.parametrize(
    "related",
    [
        [],
        [group_pod(0, pods.waiting("ContainerCreating"))],
        [group_pod(0, pods.running()), group_pod(1, pods.running())],
        [group_pod(1, pods.crashing(255, restarts=1))],
    ],
    ids=["no pod", "creating", "starting", "the worker follows"],
)
def test_it_is_told_while_it_may_come_again(related):
    before = synced(group_pod(0, CRASHED, going=True))
    after = synced(*related, before=before, now=stored.NOW)
    assert said(after) == FAILED
    assert after["groupFailure"] == before["groupFailure"], "one status for one situation"


def test_a_trouble_that_keeps_the_group_from_starting_is_told_instead():
    before = synced(group_pod(0, CRASHED, going=True))
    pulling = group_pod(0, pods.waiting("ImagePullBackOff", "not found"))
    after = synced(pulling, before=before)
    assert said(after)[1] == "ImagePullBackOff"
    assert said(synced(before=after)) == FAILED


def test_new_words_are_told_after_five_minutes():
    before = synced(group_pod(0, CRASHED, going=True), now=stored.ago(minutes=5))
    other = group_pod(1, pods.crashing(255, restarts=1))
    assert "exit code 255" in said(synced(other, before=before))[2]


@pytest.mark.parametrize("spec", [{}, {"env": [{"name": "A", "value": "1"}]}])
def test_it_ends_with_an_edit_or_when_all_groups_are_ready(spec):
    before = synced(group_pod(0, CRASHED, going=True))
    ready = {} if spec else {"conditions": [AVAILABLE], "ready": 1}
    assert "groupFailure" not in synced(before=before, **ready, **spec)


def test_a_forged_status_names_no_failure():
    before = {**synced(), "groupFailure": {"reason": "Ready", "message": "all is well"}}
    assert "groupFailure" not in synced(before=before)


@pytest.mark.parametrize(("seconds", "state"), [(1829, "NotReady"), (1830, "Failed")])
def test_a_rollout_of_groups_fails_after_the_time_that_a_deployment_has(seconds, state):
    before = synced(group_pod(0, CRASHED, going=True), now=stored.ago(seconds=seconds))
    status = synced(before=before)
    assert said(status)[0] == state
    if state == "Failed":
        assert said(status)[1:] == (
            "ProgressDeadlineExceeded",
            "The rollout has exceeded its progress deadline. " + FAILED[2],
        )

"""What is stale, odd or half there ends no download and costs no model."""

import copy

import pytest

from hooks.kernel import resource
from hooks.nimcache import life
from hooks.nimcache.choice import Choice
from hooks.nimcache.job import download
from hooks.nimcache.life import Step
from hooks.resources import NIM_CACHE, Settings
from tests.nimcache import observing
from tests.situations import stored

CACHE = observing.parent()
CLAIM = observing.claim(CACHE)
UID = CLAIM["metadata"]["uid"]


def job(**status):
    made = download.made(observing.context([CLAIM], cache=CACHE), Choice(names=("a",)))
    return stored.applied(made, CACHE, status=status)


def pod(of, **status):
    template = of["spec"]["template"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **template["metadata"],
            "name": "p",
            "namespace": "nim",
            "uid": "p-1",
            "creationTimestamp": stored.EARLIER,
            "ownerReferences": [{"kind": "Job", "uid": of["metadata"]["uid"], "controller": True}],
        },
        "spec": template["spec"],
        "status": status,
    }


RUNS = {
    "phase": "Running",
    "containerStatuses": [
        {"name": "nim-cache-ctr", "ready": True, "state": {"running": {"startedAt": "x"}}}
    ],
}


def stage(*observed, related=(), cache=CACHE):
    return life.of(observing.context(observed, related, cache=cache))


def names(found):
    return [each["metadata"]["name"] for each in found.jobs]


def edited(**spec):
    cache = copy.deepcopy(CACHE)
    cache["spec"] |= spec
    return cache


def test_an_edit_replaces_a_job_without_a_running_pod():
    found = stage(CLAIM, job(), cache=edited(env=[{"name": "A", "value": "1"}]))
    assert (found.step, names(found)) == (Step.REPLACING, [])


@pytest.mark.parametrize("status", [{"active": 1}, {"active": 2}])
def test_a_pod_that_the_job_counts_and_nobody_sees_may_run(status):
    found = stage(CLAIM, job(**status), cache=edited(env=[{"name": "A", "value": "1"}]))
    assert (found.step, names(found)) == (Step.DOWNLOADING, ["llama-cache-job"])


def test_a_pod_that_runs_is_left_alone():
    running = job(active=1)
    cache = edited(env=[{"name": "A", "value": "1"}])
    found = stage(CLAIM, running, related=[pod(running, **RUNS)], cache=cache)
    assert (found.step, names(found)) == (Step.DOWNLOADING, ["llama-cache-job"])


def test_a_claim_that_is_not_seen_while_a_pod_runs_ends_nothing():
    running = job(active=1)
    seen = [pod(running, **RUNS)]
    assert names(stage(running, related=seen)) == ["llama-cache-job"]
    named = edited(storage={"pvc": {"name": "llama-cache-pvc"}})
    assert names(stage(running, related=seen, cache=named)) == ["llama-cache-job"]


def test_a_job_that_filled_another_claim_does_not_count():
    other = {**CLAIM, "metadata": {**CLAIM["metadata"], "uid": "other"}}
    done = job(conditions=[{"type": "Complete", "status": "True"}])
    assert stage(CLAIM, done).step is Step.READY
    assert stage(other, done).step is Step.REPLACING


def test_pods_of_a_former_job_are_waited_for_and_those_that_ended_are_not():
    former = job()
    former["metadata"]["uid"] = "former"
    status = {"state": "Pending"}
    cache = {**CACHE, "status": status}
    assert stage(CLAIM, related=[pod(former, phase="Running")], cache=cache).step is Step.REPLACING
    assert stage(CLAIM, related=[pod(former, phase="Failed")], cache=cache).step is Step.PROBING


def test_a_pod_of_somebody_else_with_our_label_is_nobody_to_wait_for():
    stray = pod(job(), phase="Running")
    stray["metadata"]["labels"] = {"apps.nvidia.com/nimcache": "llama-cache"}
    assert stage(CLAIM, related=[stray]).step is Step.PROBING


def test_ready_of_the_reference_counts_and_gets_its_claim_noted():
    cache = {**CACHE, "status": {"state": "Ready", "pvc": "llama-cache-pvc", "type": "native"}}
    request = stored.request(cache, [CLAIM])
    status = resource.sync(NIM_CACHE, request, Settings(), stored.NOW).body["status"]
    assert (status["state"], status["claimUID"], status["type"]) == ("Ready", UID, "native")


def test_a_claim_that_is_going_is_lost_although_it_is_still_there():
    going = {**CLAIM, "metadata": {**CLAIM["metadata"], "deletionTimestamp": stored.EARLIER}}
    cache = {**CACHE, "status": {"state": "Ready", "claimUID": UID}}
    assert stage(going, cache=cache).step is Step.CLAIM_LOST


ODD = [
    {"claimUID": 7, "state": []},
    {"inputs": {}, "profiles": "x", "type": 1},
    {"conditions": [1, {"type": "Ready"}]},
]


@pytest.mark.parametrize("status", ODD)
def test_a_status_that_no_server_keeps_is_no_status(status):
    request = stored.request({**CACHE, "status": status}, [CLAIM])
    answer = resource.sync(NIM_CACHE, request, Settings(), stored.NOW).body
    assert answer["status"]["state"] == "PVC-Created"


@pytest.mark.parametrize("note", ["", "nonsense", "[]", '{"names": 7, "profiles": [1]}'])
def test_a_note_that_somebody_has_spoilt_leaves_the_download_alone_or_replaces_it(note):
    spoilt = job()
    spoilt["metadata"]["annotations"]["apps.nvidia.com/chosen"] = note
    assert stage(CLAIM, spoilt).step in (Step.REPLACING, Step.DOWNLOADING)
    running = {**spoilt, "status": {"active": 1}}
    assert names(stage(CLAIM, running)) == ["llama-cache-job"]

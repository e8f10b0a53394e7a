"""What is stale, odd or half there ends no download and costs no model."""

import copy

import pytest

from hooks.kernel import resource
from hooks.kernel.protocol import BadRequest
from hooks.nimcache import inputs, life
from hooks.nimcache.choice import Choice
from hooks.nimcache.job import download
from hooks.nimcache.stage import Step
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


def test_a_pod_that_succeeded_still_downloads_until_its_job_says_so():
    terminated = {"exitCode": 0, "startedAt": stored.EARLIER}
    done = {
        "phase": "Succeeded",
        "containerStatuses": [{"name": "nim-cache-ctr", "state": {"terminated": terminated}}],
    }
    request = stored.request(CACHE, [CLAIM, job(active=1)], [pod(job(), **done)])
    status = resource.sync(NIM_CACHE, request, Settings(), stored.NOW).body["status"]
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    assert (status["state"], ready["reason"]) == ("InProgress", "Downloading")
    assert f"since {stored.EARLIER}" in ready["message"]


def test_a_download_that_ended_long_ago_stays_until_the_status_remembers_it():
    ended = {"type": "Complete", "status": "True", "lastTransitionTime": stored.EARLIER}
    done = job(conditions=[{**ended, "lastTransitionTime": "2020-01-01T00:00:00Z"}])
    found = stage(CLAIM, done)
    assert (found.step, names(found)) == (Step.READY, ["llama-cache-job"])
    known = {**CACHE, "status": {"state": "Ready", "claimUID": UID}}
    assert names(stage(CLAIM, done, cache=known)) == []


def test_a_pod_that_a_node_evicted_says_so_and_not_how_its_container_ended():
    killed = {"terminated": {"exitCode": 137, "reason": "Error"}}
    evicted = {
        "phase": "Failed",
        "reason": "Evicted",
        "message": "The node was low on resource: ephemeral-storage.",
        "conditions": [{"type": "DisruptionTarget", "status": "True"}],
        "containerStatuses": [{"name": "nim-cache-ctr", "state": killed}],
    }
    request = stored.request(CACHE, [CLAIM, job()], [pod(job(), **evicted)])
    status = resource.sync(NIM_CACHE, request, Settings(), stored.NOW).body["status"]
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    assert "evicted pod p" in ready["message"]
    assert "low on resource: ephemeral-storage" in ready["message"]
    assert "give the node more of it" in ready["message"]
    assert "spec.resources" not in ready["message"]
    assert "Attempt 1 follows" in ready["message"]


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


def said(*observed, related=(), cache=CACHE):
    """Return reason and message of the condition Ready."""
    request = stored.request(cache, observed, related)
    status = resource.sync(NIM_CACHE, request, Settings(), stored.NOW).body["status"]
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    return ready["reason"], ready["message"]


def test_a_pod_of_a_former_job_that_nobody_deletes_is_named_with_what_to_do():
    left = {**pod(job(), phase="Running")}
    reason, message = said(CLAIM, related=[left])
    assert reason == "Replacing"
    assert message.endswith("has not ended yet; delete it with kubectl delete pod p -n nim")


def test_a_pod_of_a_former_job_that_cannot_end_says_what_holds_it():
    left = pod(job(), phase="Running")
    left["metadata"] |= {"deletionTimestamp": stored.EARLIER, "finalizers": ["example.com/hold"]}
    reason, message = said(CLAIM, related=[left])
    assert reason == "Replacing"
    assert "Finalizer example.com/hold has blocked the deletion of pod p" in message
    assert message.endswith("; check the controller that set it")


def lost(claim):
    return {**claim, "status": {"phase": "Lost"}}


def test_a_claim_that_has_lost_its_volume_holds_no_model():
    ready = {**CACHE, "status": {"state": "Ready", "claimUID": UID, "pvc": "llama-cache-pvc"}}
    assert stage(CLAIM, cache=ready).step is Step.READY
    reason, message = said(lost(CLAIM), cache=ready)
    assert (reason, message.partition(";")[0]) == (
        "PersistentVolumeClaimLost",
        "Claim llama-cache-pvc has lost its volume",
    )
    request = stored.request(ready, [lost(CLAIM)])
    status = resource.sync(NIM_CACHE, request, Settings(), stored.NOW).body["status"]
    assert (status["state"], status["claimUID"]) == ("NotReady", UID), "it may come back"


def test_a_claim_without_its_volume_ends_no_download():
    assert names(stage(lost(CLAIM), job())) == ["llama-cache-job"]


def test_a_job_that_a_queue_suspends_says_so():
    suspended = job()
    suspended["spec"]["suspend"] = True
    reason, message = said(CLAIM, suspended)
    assert (reason, message.partition(";")[0]) == (
        "JobSuspended",
        "Job llama-cache-job is suspended",
    )


@pytest.mark.parametrize("name", ["--all", "a b", "", None, 1])
def test_a_profile_in_the_status_that_could_be_an_option_is_not_downloaded(name):
    known = observing.parent()
    made = inputs.of(observing.context(cache=known))
    known["status"] = {"inputs": made, "profiles": [{"name": name}]}
    found = life.of(observing.context([CLAIM], cache=known))
    assert found.step is Step.PROBING
    known["status"]["profiles"] = [{"name": "a"}]
    assert life.of(observing.context([CLAIM], cache=known)).step is Step.STARTING


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
    assert stage(going, cache=cache).step is Step.CLAIM_ENDING
    status = resource.sync(NIM_CACHE, stored.request(cache, [going]), Settings(), stored.NOW).body[
        "status"
    ]
    assert "claimUID" not in status
    assert status["conditions"][0]["reason"] == "ClaimLost"
    assert "is being deleted" in status["conditions"][0]["message"]


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


def test_a_claim_whose_size_is_none_is_refused_and_not_a_bug():
    """No API server keeps one, and read as empty it could shrink a claim."""
    claim = copy.deepcopy(CLAIM)
    claim["spec"]["resources"] = {"requests": {"storage": "1e999"}}
    request = stored.request(CACHE, [claim])
    with pytest.raises(BadRequest, match=r"spec.resources.requests.storage: must be a size"):
        resource.sync(NIM_CACHE, request, Settings(), stored.NOW)

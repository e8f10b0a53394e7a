"""A NIMCache from its creation to its end, in the simulator: what happens to its claim, its Jobs
and its state."""

from hooks.nimcache import kinds
from hooks.resources import Settings
from nimservice_simulator.controllers.scenarios import Ending
from tests.nimcache import cluster, manifests
from tests.nimcache.cluster import FAILING, NAME, NAMESPACE, Cluster, at_once, both_engines, settled

H100 = Settings(gpu_products="NVIDIA-H100-80GB-HBM3")


@both_engines
def test_a_cache_is_filled(engine):
    found = settled(cluster.nimcache(), engine=engine)
    status = found.status()
    assert (status["state"], status["pvc"], found.reason()) == ("Ready", "llama-cache-pvc", "Ready")
    assert [each["name"] for each in status["profiles"]] == [manifests.name(0)]
    assert status["profiles"][0]["config"]["tp"] == "1"
    assert status["observedGeneration"] == 1
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    assert status["claimUID"] == claim["metadata"]["uid"]
    assert found.states() == ["Pending", "Started", "InProgress", "Ready"]
    assert found.made("Job", f"{NAME}-job") == found.made("Job", f"{NAME}-probe") == 1
    assert not found.warnings


@both_engines
def test_ten_minutes_later_its_jobs_are_gone_and_nothing_is_written(engine):
    found = settled(cluster.nimcache(), engine=engine)
    found.advance(700)
    assert (found.job(), found.job("probe"), found.pods(), found.pods("probe")) == (
        None,
        None,
        [],
        [],
    )
    assert found.status()["state"] == "Ready"
    assert not found.writes_at_rest()


def test_it_costs_at_most_ten_writes():
    found = Cluster(cluster.nimcache())
    found.advance(120)
    assert found.status()["state"] == "Ready"
    assert sum(found.loop.api.writes().values()) <= 10, found.loop.api.writes()


def test_the_state_words_are_those_of_the_reference():
    found = settled(cluster.nimcache())
    assert {each["type"]: each["status"] for each in found.status()["conditions"]} == {
        "Ready": "True",
        "Failed": "False",
        "NIM_CACHE_PVC_CREATED": "True",
        "NIM_CACHE_JOB_COMPLETED": "True",
    }


def test_an_attempt_that_fails_is_followed_by_another():
    found = Cluster(cluster.nimcache(), ends=cluster.image(download=cluster.fails(2, FAILING)))
    found.advance(75)
    assert (found.status()["state"], found.reason()) == ("InProgress", "Retrying")
    assert "401 Unauthorized" in found.condition()["message"]
    assert "put a valid key into Secret ngc-api-secret" in found.condition()["message"]
    found.settle()
    assert found.states()[-2:] == ["InProgress", "Ready"]


def test_a_download_that_always_fails_says_why_and_does_not_flap():
    found = Cluster(cluster.nimcache(), ends=cluster.image(download=cluster.fails(99, FAILING)))
    found.advance(900)
    status = found.status()
    assert (status["state"], found.reason()) == ("Failed", "DownloadUnauthorized")
    failed = found.condition("Failed")
    assert failed["status"] == "True"
    assert "401 Unauthorized" in failed["message"]
    assert found.condition("NIM_CACHE_JOB_COMPLETED")["status"] == "False"
    assert found.states()[-3:] == ["Started", "InProgress", "Failed"]
    assert found.made("Job", f"{NAME}-job") == 1
    assert "kubectl delete job llama-cache-job -n nim" in failed["message"]


def test_it_starts_anew_after_ten_minutes_without_a_second_probe():
    found = Cluster(cluster.nimcache(), ends=cluster.image(download=cluster.fails(99, FAILING)))
    found.advance(900)
    found.ends(cluster.image())
    found.advance(900)
    assert found.status()["state"] == "Ready"
    assert found.made("Job", f"{NAME}-job") == 2
    assert found.made("Job", f"{NAME}-probe") == 1
    assert [each["name"] for each in found.status()["profiles"]] == [manifests.name(0)]


def test_deleting_the_job_starts_it_at_once():
    found = Cluster(cluster.nimcache(), ends=cluster.image(download=cluster.fails(99, FAILING)))
    found.advance(900)
    found.ends(cluster.image())
    found.delete(kinds.JOB, f"{NAME}-job", NAMESPACE)
    found.advance(100)
    assert found.status()["state"] == "Ready"


def test_a_download_that_has_ended_is_no_pod_that_starts():
    """Its Job says so a moment after its pod."""
    found = Cluster(cluster.nimcache())
    found.advance(120)
    messages = [
        condition["message"]
        for moment in found.timeline
        if moment.object["kind"] == "NIMCache"
        for condition in (moment.object.get("status") or {}).get("conditions", [])
        if condition["type"] == "Ready" and condition["reason"] in ("Starting", "Downloading")
    ]
    seen = list(dict.fromkeys(messages))
    assert [each.partition(" ")[0] for each in seen] == ["Job", "Pod"]


@both_engines
def test_hooks_that_were_away_for_hours_find_what_a_download_did(engine):
    found = Cluster(cluster.nimcache(), engine=engine)
    found.advance(60)
    assert found.status()["state"] == "InProgress"
    while not found.job()["status"].get("succeeded"):
        found.kubelet.step()
        found.clock.advance(1)
    found.clock.advance(7200)
    found.settle()
    assert (found.status()["state"], found.made("Job", f"{NAME}-job")) == ("Ready", 1)
    assert found.job() is None


def test_a_full_claim_says_so():
    full = "OSError: [Errno 28] No space left on device"
    found = Cluster(cluster.nimcache(), ends=cluster.image(download=cluster.fails(99, full)))
    found.advance(900)
    assert (found.status()["state"], found.reason()) == ("Failed", "ClaimFull")
    assert "raise spec.storage.pvc.size" in found.condition()["message"]


def test_a_drained_node_costs_no_attempt_and_there_are_never_two_pods():
    found = Cluster(cluster.nimcache(), ends=cluster.image(download=lambda _: Ending(after=300)))
    found.advance(100)
    assert found.status()["state"] == "InProgress"
    found.drain()
    found.settle()
    assert found.status()["state"] == "Ready"
    assert not found.job() or not found.job()["status"].get("failed")
    assert at_once(found) == 1


@both_engines
def test_an_edit_replaces_what_waits(engine):
    found = Cluster(
        cluster.nimcache(), engine=engine, ends=cluster.image(download=cluster.fails(1, FAILING))
    )
    found.advance(75)
    assert found.reason() == "Retrying"
    first = found.job()["metadata"]["uid"]
    found.edit_spec(env=[{"name": "HTTPS_PROXY", "value": "http://proxy"}])
    found.advance(20)
    assert found.job()["metadata"]["uid"] != first
    assert cluster.variables(found.job())["HTTPS_PROXY"] == "http://proxy"
    found.settle()
    assert found.status()["state"] == "Ready"
    assert (at_once(found), found.made("Job", f"{NAME}-probe")) == (1, 1)


@both_engines
def test_an_edit_leaves_a_download_that_runs_alone(engine):
    slow = cluster.image(download=lambda _: Ending(after=500))
    found = Cluster(cluster.nimcache(), ends=slow, engine=engine)
    found.advance(100)
    first = found.job()["metadata"]["uid"]
    found.edit_spec(resources={"cpu": "2"})
    found.settle()
    assert found.status()["state"] == "Ready"
    assert found.made("Job", f"{NAME}-job") == 1
    assert first
    found.advance(700)
    found.edit_spec(resources={"cpu": "4"})
    found.settle()
    assert (found.status()["state"], found.made("Job", f"{NAME}-job")) == ("Ready", 1)


def test_gpus_that_change_while_it_runs_make_it_outdated():
    slow = cluster.image(download=lambda _: Ending(after=500))
    found = Cluster(cluster.nimcache(), ends=slow)
    found.advance(100)
    model = {"engine": "tensorrt_llm", "tensorParallelism": "1", "gpus": [{"product": "L40S"}]}
    source = {"ngc": {**cluster.nimcache()["spec"]["source"]["ngc"], "model": model}}
    found.edit_spec(source=source)
    found.settle()
    assert (found.status()["state"], found.reason("Degraded")) == ("Ready", "NIMCacheOutdated")


def test_what_is_deleted_by_hand_once_it_is_ready_starts_nothing():
    found = Cluster(cluster.nimcache())
    found.advance(120)
    found.delete(kinds.JOB, f"{NAME}-job", NAMESPACE)
    found.settle()
    assert (found.status()["state"], found.made("Job", f"{NAME}-job")) == ("Ready", 1)


@both_engines
def test_a_status_that_is_emptied_costs_one_verifying_run(engine):
    found = settled(cluster.nimcache(), engine=engine)
    found.advance(700)
    cache = found.cache()
    found.server.update_status({**cache, "status": {}}, manager="kubectl")
    found.settle()
    assert (found.status()["state"], found.made("Job", f"{NAME}-job")) == ("Ready", 2)

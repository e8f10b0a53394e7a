"""A NIMCache from its creation to its end, in the simulator: what happens to its claim, its Jobs
and its state."""

import pytest

from hooks.nimcache import kinds
from hooks.resources import Settings
from nimservice_simulator.controllers.scenarios import Ending
from tests.nimcache import cluster, manifests
from tests.nimcache.cluster import NAME, NAMESPACE, Cluster, settled

ENGINES = ("dynamic-apply", "server-side-apply")
both_engines = pytest.mark.parametrize("engine", ENGINES)

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


FAILING = "HTTP 401 Unauthorized: invalid API key"


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


def at_once(found):
    """Return how many pods of downloads were not over at the same time, at most."""
    alive, most = set(), 0
    for moment in found.timeline:
        obj = moment.object
        if obj["kind"] != "Pod" or "download" not in obj["metadata"]["labels"].values():
            continue
        over = moment.type == "DELETED" or obj["status"].get("phase") in ("Succeeded", "Failed")
        (alive.discard if over else alive.add)(obj["metadata"]["uid"])
        most = max(most, len(alive))
    return most


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


@both_engines
def test_a_claim_that_is_lost_is_filled_again_without_a_probe(engine):
    found = settled(cluster.nimcache(), engine=engine)
    found.advance(700)
    found.delete(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    found.work()
    assert "NotReady" in found.states()
    found.settle()
    after = found.states()[found.states().index("Ready") + 1 :]
    assert (after[0], after[-2:]) == ("NotReady", ["InProgress", "Ready"])
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    assert found.status()["claimUID"] == claim["metadata"]["uid"]
    assert (found.made("Job", f"{NAME}-job"), found.made("Job", f"{NAME}-probe")) == (2, 1)
    assert [each["name"] for each in found.status()["profiles"]] == [manifests.name(0)]


@both_engines
def test_a_claim_that_is_lost_right_after_the_download_is_filled_again(engine):
    found = Cluster(cluster.nimcache(), engine=engine)
    found.advance(120)
    assert found.status()["state"] == "Ready"
    found.delete(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    found.settle()
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    assert (found.status()["state"], found.status()["claimUID"]) == (
        "Ready",
        claim["metadata"]["uid"],
    )
    assert found.made("Job", f"{NAME}-job") == 2


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


@both_engines
def test_a_claim_can_grow(engine):
    found = settled(cluster.nimcache(), engine=engine)
    found.edit_spec(
        storage={"pvc": {"create": True, "size": "100Gi", "volumeAccessMode": "ReadWriteMany"}}
    )
    found.settle()
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    assert claim["spec"]["resources"]["requests"]["storage"] == "100Gi"
    assert found.status()["state"] == "Ready"
    assert not found.condition("Degraded")
    assert not found.writes_at_rest()


@both_engines
def test_a_claim_that_somebody_else_has_grown_does_not_shrink(engine):
    found = settled(cluster.nimcache(), engine=engine)
    found.edit(
        kinds.PERSISTENT_VOLUME_CLAIM,
        "llama-cache-pvc",
        lambda claim: claim["spec"]["resources"]["requests"].update(storage="1Ti"),
        NAMESPACE,
    )
    found.settle()
    assert not found.writes_at_rest()
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    assert claim["spec"]["resources"]["requests"]["storage"] == "1Ti"


CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "models", "namespace": NAMESPACE},
    "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Ti"}}},
}
EXISTING = {"storage": {"pvc": {"name": "models", "subPath": "llama"}}}


@both_engines
def test_a_claim_that_exists_is_used_and_left(engine):
    found = settled(CLAIM, cluster.nimcache(**EXISTING), engine=engine)
    assert (found.status()["state"], found.status()["pvc"]) == ("Ready", "models")
    found.delete(kinds.NIM_CACHE, NAME, NAMESPACE)
    found.settle()
    assert cluster.names(found.server.list(kinds.PERSISTENT_VOLUME_CLAIM, NAMESPACE)) == ["models"]
    assert "ownerReferences" not in found.get(kinds.PERSISTENT_VOLUME_CLAIM)["metadata"]


def test_a_claim_that_is_named_and_missing_is_waited_for():
    found = settled(cluster.nimcache(**EXISTING))
    assert (found.status()["state"], found.reason()) == (
        "NotReady",
        "PersistentVolumeClaimNotFound",
    )
    assert "create it in namespace nim" in found.condition()["message"]
    found.put(CLAIM)
    found.settle()
    assert found.status()["state"] == "Ready"


def test_a_claim_that_holds_the_model_already_is_ready_without_a_job():
    spec = {**EXISTING, **cluster.ngc(model={"profiles": ["fp8"]})}
    cache = cluster.nimcache(annotations={"apps.nvidia.com/prefilled": "true"}, **spec)
    found = settled(CLAIM, cache)
    assert (found.status()["state"], found.status()["profiles"]) == ("Ready", [{"name": "fp8"}])
    assert not any(obj["kind"] == "Job" for obj in found.server.everything())


@both_engines
def test_a_cache_that_is_deleted_leaves_nothing(engine):
    found = settled(cluster.nimcache(), engine=engine)
    found.delete(kinds.NIM_CACHE, NAME, NAMESPACE)
    found.settle()
    assert {obj["kind"] for obj in found.server.everything()} == {"Namespace"}


@both_engines
def test_a_cache_that_is_deleted_while_it_downloads_leaves_nothing(engine):
    slow = cluster.image(download=lambda _: Ending(after=500))
    found = Cluster(cluster.nimcache(), ends=slow, engine=engine)
    found.advance(100)
    found.delete(kinds.NIM_CACHE, NAME, NAMESPACE)
    found.settle()
    assert {obj["kind"] for obj in found.server.everything()} == {"Namespace"}


def user(name="llama"):
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "image": {"repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct", "tag": "1.8.4"},
            "authSecret": "ngc-api-secret",
            "storage": {"nimCache": {"name": NAME}},
            "expose": {"service": {"port": 8000}},
        },
    }


@both_engines
def test_a_cache_in_use_waits_for_its_users(engine):
    found = settled(user(), cluster.nimcache(), engine=engine)
    assert found.get(kinds.NIM_SERVICE)["status"]["state"] == "Ready"
    found.delete(kinds.NIM_CACHE, NAME, NAMESPACE)
    found.settle()
    assert (found.status()["state"], found.reason()) == ("NotReady", "InUse")
    assert "model of NIMService llama" in found.condition()["message"]
    assert found.get(kinds.NIM_SERVICE)["status"]["state"] == "Ready"
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    assert "deletionTimestamp" not in claim["metadata"]
    found.delete(kinds.NIM_SERVICE, "llama", NAMESPACE)
    found.settle()
    assert {obj["kind"] for obj in found.server.everything()} == {"Namespace"}


@both_engines
def test_orphaning_keeps_the_model_and_a_new_cache_uses_it(engine):
    found = settled(user(), cluster.nimcache(), engine=engine)
    found.advance(700)
    before = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    found.delete(kinds.NIM_CACHE, NAME, NAMESPACE, propagation="Orphan")
    found.settle()
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    assert claim["metadata"]["uid"] == before["metadata"]["uid"]
    assert not claim["metadata"].get("ownerReferences")
    found.put(cluster.nimcache())
    found.settle()
    assert found.status()["state"] == "Ready"
    assert found.status()["claimUID"] == before["metadata"]["uid"]


@both_engines
def test_a_job_that_an_orphaned_cache_left_is_named_and_left(engine):
    found = Cluster(cluster.nimcache(), engine=engine)
    found.advance(120)
    found.delete(kinds.NIM_CACHE, NAME, NAMESPACE, propagation="Orphan")
    found.settle()
    left = found.job()
    found.put(cluster.nimcache())
    found.settle()
    assert (found.status()["state"], found.reason()) == ("NotReady", "ChildNotObserved")
    assert (
        "delete it with kubectl delete job llama-cache-job -n nim" in found.condition()["message"]
    )
    assert found.job()["metadata"]["uid"] == left["metadata"]["uid"]
    found.delete(kinds.JOB, f"{NAME}-job", NAMESPACE)
    found.settle()
    assert found.status()["state"] == "Ready"


@both_engines
def test_somebody_elses_claim_is_never_taken(engine):
    theirs = {
        **CLAIM,
        "metadata": {
            "name": "llama-cache-pvc",
            "namespace": NAMESPACE,
            "ownerReferences": [
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "name": "db",
                    "uid": "1",
                    "controller": True,
                }
            ],
        },
    }
    database = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "db", "namespace": NAMESPACE},
    }
    found = Cluster(database, engine=engine)
    owner = found.server.everything()
    uid = next(each["metadata"]["uid"] for each in owner if each["kind"] == "ConfigMap")
    theirs["metadata"]["ownerReferences"][0]["uid"] = uid
    found.put(theirs)
    found.put(cluster.nimcache())
    found.settle()
    assert (found.status()["state"], found.reason("Degraded")) == ("Ready", "ChildNotObserved")
    claim = found.get(kinds.PERSISTENT_VOLUME_CLAIM, "llama-cache-pvc", NAMESPACE)
    assert [each["name"] for each in claim["metadata"]["ownerReferences"]] == ["db"]
    assert not found.writes_at_rest()


def test_a_nimservice_quotes_the_cache_that_it_waits_for():
    found = Cluster(
        user(), cluster.nimcache(), ends=cluster.image(download=cluster.fails(99, FAILING))
    )
    found.advance(75)
    nim = found.get(kinds.NIM_SERVICE)
    said = next(each for each in nim["status"]["conditions"] if each["type"] == "Ready")
    assert (said["reason"], "401 Unauthorized" in said["message"]) == ("NIMCacheNotReady", True)
    found.advance(800)
    nim = found.get(kinds.NIM_SERVICE)
    said = next(each for each in nim["status"]["conditions"] if each["type"] == "Failed")
    assert (said["reason"], "401 Unauthorized" in said["message"]) == ("NIMCacheFailed", True)


DEPLOYMENT = kinds.NIM_SERVICE._replace(api_version="apps/v1", kind="Deployment")


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_the_profile_that_a_nimservice_serves_from_a_cache_says_its_gpus(number):
    """As NVIDIA's operator has it, where ``storage.nimCache.profile`` names one of the cache."""
    profile = manifests.name(number)
    served = user()
    served["spec"]["storage"]["nimCache"]["profile"] = profile
    wanted = [manifests.name(each) for each in range(4)]
    found = settled(served, cluster.nimcache(**cluster.ngc(model={"profiles": wanted})))
    (container,) = found.get(DEPLOYMENT, "llama", NAMESPACE)["spec"]["template"]["spec"][
        "containers"
    ]
    width = manifests.tags(number)["tp"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": width}
    assert {each["name"]: each.get("value") for each in container["env"]}[
        "NIM_MODEL_PROFILE"
    ] == profile

"""The end of a NIMCache, and the NIMServices that use it."""

import pytest

from hooks.nimcache import kinds
from nimservice_simulator.controllers.scenarios import Ending
from tests.nimcache import cluster, manifests
from tests.nimcache.cluster import FAILING, NAME, NAMESPACE, Cluster, both_engines, settled


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

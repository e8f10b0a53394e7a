"""Claims in the life of a NIMCache: lost, grown, there before, or somebody else's."""

from hooks.nimcache import kinds
from tests.nimcache import cluster, manifests
from tests.nimcache.cluster import CLAIM, NAME, NAMESPACE, Cluster, both_engines, settled


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

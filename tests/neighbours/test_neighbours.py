"""With the real scheduler and LeaderWorkerSet: what is said from the first moment to the last.

What counts is the stream of statuses, not the end: causes come within seconds, no bad rollout is
Ready for a moment, and one situation has one status.
"""

import time
from contextlib import contextmanager

import pytest

from hooks.cluster.api import Resource, controller_of
from hooks.nimservice import kinds
from tests.control_plane.cluster import POD, USER
from tests.control_plane.stage import writes_at_rest
from tests.neighbours.neighbours import cordon
from tests.neighbours.place import groups, nim

CLAIM = Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims")
VOLUME = Resource("v1", "PersistentVolume", "persistentvolumes", namespaced=False)
STORAGE_CLASS = Resource("storage.k8s.io/v1", "StorageClass", "storageclasses", namespaced=False)
QUOTA = Resource("v1", "ResourceQuota", "resourcequotas")

SOON = 5.0
"""Seconds in which a cause is told after the pods tell it, on a busy machine too."""


def test_samples_get_ready_and_rest(place):
    place.apply(nim("alone", place.namespace, replicas=2))
    place.apply(groups("group", place.namespace))
    for name in ("alone", "group"):
        place.stream.until(name, "Ready", seconds=40)
        assert [each.ready for each in place.said(name)][:-1].count("True") == 0, place.said(name)
    place.stage.settle()
    assert not writes_at_rest(place.stage)


BROKEN = {
    "no GPU": ({"resources": {"limits": {"nvidia.com/gpu": "17"}}}, "Unschedulable", "nvidia.com/gpu"),
    "bad image": ({"labels": {"play": "pull"}}, "ImagePullBackOff", "manifest unknown"),
    "crash": ({"labels": {"play": "crash"}}, "CrashLoopBackOff", "no supported GPU"),
    "no secret": ({"labels": {"play": "configuration"}}, "CreateContainerConfigError", "ngc-api-secret"),
    "no scheduler": ({"schedulerName": "absent"}, "NotScheduled", "absent"),
    "no claim": ({"storage": {"pvc": {"name": "absent"}}}, "PersistentVolumeClaimNotFound", "absent"),
    "no class": (
        {"storage": {"pvc": {"create": True, "size": "1Gi", "storageClass": "absent"}}},
        "PersistentVolumeClaimPending",
        "no-class-pvc",
    ),
    "no template": (
        {"draResources": [{"resourceClaimTemplateName": "absent"}]},
        "ResourceClaimPending",
        "absent",
    ),
}  # fmt: skip


def test_each_way_to_fail_is_told_and_then_healed(place):
    names = {what: what.replace(" ", "-").lower() for what in BROKEN}
    for what, (spec, _, _) in BROKEN.items():
        place.apply(nim(names[what], place.namespace, **spec))
    for what, (_, reason, word) in BROKEN.items():
        place.stream.until(names[what], reason, words=[word], seconds=40)
        assert all(each.ready == "False" for each in place.said(names[what]))
    for what in BROKEN:
        if "immutable" in what or what in ("no class", "no template"):
            place.cluster.delete(kinds.NIM_SERVICE, place.namespace, names[what])
            continue
        healed = nim(names[what], place.namespace)["spec"]
        place.edit(names[what], lambda obj, spec=healed: obj.update(spec=spec))
    for what in BROKEN:
        if what not in ("no class", "no template"):
            place.stream.until(names[what], "Ready", seconds=60)


def test_a_quota_is_told_of_and_its_end_too(place):
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "gpus", "namespace": place.namespace},
        "spec": {"hard": {"requests.nvidia.com/gpu": "0"}},
    }
    place.cluster.create(quota, manager=USER)
    counted = {"requests.nvidia.com/gpu": "0"}
    place.stage.until(
        lambda: place.cluster.get(QUOTA, place.namespace, "gpus")["status"].get("hard") == counted,
        "the quota counts",
    )
    place.apply(nim("llama", place.namespace))
    place.stream.until("llama", "QuotaExceeded", words=["gpus"])
    place.cluster.edit(
        QUOTA,
        place.namespace,
        "gpus",
        lambda obj: obj["spec"]["hard"].update({"requests.nvidia.com/gpu": "9"}),
    )
    place.stream.until("llama", "Ready", seconds=60)


@contextmanager
def no_node(cluster):
    cordon(cluster, True)
    try:
        yield
    finally:
        cordon(cluster, False)


def test_nodes_that_take_nobody_are_told_of(place):
    with no_node(place.cluster):
        place.apply(nim("llama", place.namespace))
        place.stream.until("llama", "Unschedulable", words=["unschedulable"])
    place.stream.until("llama", "Ready", seconds=40)


@pytest.mark.parametrize("made", [nim, groups])
def test_a_bad_rollout_is_ready_at_no_moment(place, made):
    place.apply(made("llama", place.namespace, replicas=3))
    place.stream.until("llama", "Ready", seconds=60)
    place.play("llama", "pull")
    place.stream.until("llama", "ImagePullBackOff", seconds=40)
    until = time.monotonic() + 5
    place.stage.until(lambda: time.monotonic() > until, "five seconds have passed")
    first, *later = place.said("llama")
    assert first.ready == "True", "that was before the edit"
    assert {each.ready for each in later} == {"False"}, later
    assert later[-1].reason == "ImagePullBackOff"
    place.play("llama", "well")
    place.stream.until("llama", "Ready", seconds=90)
    reasons = [each.reason for each in place.said("llama") if each.ready == "True"]
    assert reasons == ["Ready"], place.said("llama")


@pytest.mark.parametrize("made", [nim, groups])
def test_scaling_keeps_it_ready(place, made):
    place.apply(made("llama", place.namespace, replicas=1))
    place.stream.until("llama", "Ready", seconds=40)
    for replicas, reasons in ((3, {"Ready", "ScalingUp"}), (1, {"Ready"})):
        place.edit("llama", lambda obj, count=replicas: obj["spec"].update(replicas=count))
        words = f"{replicas} of {replicas} replicas"
        place.stream.until("llama", "Ready", words=[words], seconds=40)
        place.stage.settle()
        said = place.said("llama")
        assert not [each for each in said if each.ready != "True"]
        assert {each.reason for each in said} <= reasons, said
        assert said[-1].reason == "Ready"
        for each in said:
            ready, of, wanted = each.message.split()[:3]
            assert of == "of"
            assert int(ready) <= int(wanted), each.message


def test_a_lost_replica_is_no_scaling(place):
    place.apply(nim("llama", place.namespace, replicas=3))
    place.stream.until("llama", "Ready", seconds=40)
    place.stream.forget()
    lost = place.pods("llama")[0]["metadata"]["name"]
    place.cluster.delete(POD, place.namespace, lost)
    place.stream.until("llama", "Recovering")
    place.stream.until("llama", "Ready", seconds=40)
    assert {each.reason for each in place.said("llama")} == {"Ready", "Recovering"}


def test_a_group_that_crashes_has_one_status(place):
    place.apply(groups("llama", place.namespace, "crash"))
    place.stream.until("llama", "CrashLoopBackOff", words=["no supported GPU"], seconds=40)
    place.stream.forget()
    (leader,) = (each for each in place.pods("llama") if each["metadata"]["name"] == "llama-lws-0")
    uids = {leader["metadata"]["uid"]}

    def made_again():
        uids.update(
            each["metadata"]["uid"]
            for each in place.pods("llama")
            if each["metadata"]["name"] == "llama-lws-0"
        )
        return len(uids) > 3

    place.stage.until(made_again, "the group has started three times more", seconds=60)
    assert [each.reason for each in place.said("llama")] == ["CrashLoopBackOff"], place.said(
        "llama"
    )
    place.play("llama", "well")
    place.stream.until("llama", "Ready", seconds=60)


def test_the_hostfile_has_the_names_of_the_pods(place):
    place.apply(groups("llama", place.namespace, replicas=2))
    place.stream.until("llama", "Ready", seconds=60)
    config = place.cluster.get(kinds.CONFIG_MAP, place.namespace, "llama-mpi-config")
    named = {
        line.split()[0] for text in config["data"].values() for line in text.splitlines() if line
    } - {"localhost"}
    workers = [
        each["spec"]
        for each in place.pods("llama")
        if each["metadata"]["labels"]["leaderworkerset.sigs.k8s.io/worker-index"] != "0"
    ]
    assert named == {
        f"{each['hostname']}.{each['subdomain']}.{place.namespace}.svc" for each in workers
    }
    assert len(workers) == 2


def test_a_volume_that_is_bound_late(place):
    place.cluster.put(
        {
            "apiVersion": STORAGE_CLASS.api_version,
            "kind": STORAGE_CLASS.kind,
            "metadata": {"name": "late"},
            "provisioner": "example.com/late",
            "volumeBindingMode": "WaitForFirstConsumer",
        }
    )
    claim = {"create": True, "size": "1Gi", "storageClass": "late"}
    place.apply(nim("llama", place.namespace, storage={"pvc": claim}))
    place.stream.until("llama", "VolumeProvisioning", words=["llama-pvc"], seconds=40)
    place.cluster.put(_volume(place.cluster.get(CLAIM, place.namespace, "llama-pvc")))
    place.stream.until("llama", "Ready", seconds=60)
    assert "NotScheduled" not in {each.reason for each in place.said("llama")}


def _volume(claim):
    """Return the volume that a provisioner makes for a claim."""
    meta = claim["metadata"]
    reference = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": meta["namespace"],
    }
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": f"pvc-{meta['uid']}",
            "annotations": {"pv.kubernetes.io/provisioned-by": "example.com/late"},
        },
        "spec": {
            "storageClassName": "late",
            "capacity": {"storage": "1Gi"},
            "accessModes": claim["spec"]["accessModes"],
            "claimRef": {**reference, "name": meta["name"], "uid": meta["uid"]},
            "hostPath": {"path": "/tmp/late"},
        },
    }


@pytest.mark.parametrize("made", [nim, groups])
def test_it_is_deleted_with_all_that_is_its_own_and_made_again(place, made):
    for _ in range(2):
        place.apply(made("llama", place.namespace))
        place.stream.until("llama", "Ready", seconds=60)
        owner = place.cluster.get(kinds.NIM_SERVICE, place.namespace, "llama")
        place.cluster.delete(kinds.NIM_SERVICE, place.namespace, "llama", propagation="Foreground")
        place.stage.until(
            lambda: not place.cluster.find(kinds.NIM_SERVICE, place.namespace, "llama"),
            "the NIMService is gone",
            seconds=60,
        )
        words = [each.message for each in place.said("llama") if each.reason == "Terminating"]
        assert not [each for each in words if "foregroundDeletion" in each], words
        place.stage.until(
            lambda uid=owner["metadata"]["uid"]: not _owned(place, uid),
            "what it owned is gone",
            seconds=40,
        )


def _owned(place, uid):
    made = [
        *place.cluster.list(kinds.DEPLOYMENT, place.namespace),
        *place.cluster.list(kinds.LEADER_WORKER_SET, place.namespace),
        *place.cluster.list(kinds.SERVICE, place.namespace),
    ]
    return [each for each in made if (controller_of(each) or {}).get("uid") == uid] or place.pods(
        "llama"
    )

"""Life: failures, edits and drains."""

from hooks.nimcache import kinds
from nimservice_simulator.controllers.scenarios import Ending
from tests.control_plane.caches.causes import CAUSES
from tests.control_plane.caches.common import CLAIM, KEY, case, fails, stays
from tests.control_plane.cluster import POD
from tests.control_plane.kubelet import Play
from tests.control_plane.sidebyside import Action
from tests.nimcache import manifests
from tests.nimcache.cluster import ngc, variables


@case
def fails_for_good(lab):
    """Six attempts end a Job; here it is one, so as not to wait for the Job controller's pauses."""
    play = Play(download=fails(1, KEY))
    for name in ("fails", "fails-again"):
        lab.cache(name, Play(download=play.download))
        while lab.job(name) is None:
            yield f"{name} has a Job"
        lab.patch(kinds.JOB, f"{name}-job", {"spec": {"backoffLimit": 0}})
    for name in ("fails", "fails-again"):
        yield from lab.reaches(name, "Failed", "DownloadUnauthorized")
        assert "401 Unauthorized" in lab.said(name)["message"]
    lab.delete(kinds.JOB, "fails-job")
    yield from lab.reaches("fails", "Ready")
    yield Action.LATER
    yield from lab.reaches("fails-again", "Ready")
    assert lab.made(kinds.JOB, "fails-again-job") == 2
    assert lab.made(kinds.JOB, "fails-again-probe") == 1
    seen = [each for each in lab.states("fails-again") if each in ("InProgress", "Failed", "Ready")]
    assert seen == ["InProgress", "Failed", "InProgress", "Ready"]


ENV = [{"name": "A", "value": "1"}]


@case
def edited(lab):
    """While it waits, fails, runs, and is Ready."""
    conditions = CAUSES["nodes"][0].stands["download"]
    lab.cache("edited-waiting", stays("download", **conditions))
    lab.cache("edited-failing", Play(download=fails(1, KEY)))
    lab.cache("edited-running", Play(download=lambda _: Ending(after=600)))
    lab.cache("edited-ready")
    yield from lab.runs_for_the("edited-running", 1)
    lab.edit("edited-running", env=ENV)
    while lab.status("edited-running").get("observedGeneration") != 2:
        yield "the edit is seen"
    lab.kubelet.finish("edited-running")
    yield from lab.reaches("edited-waiting", "Pending", "Unschedulable")
    lab.kubelet.plays["edited-waiting"] = Play()
    lab.edit("edited-waiting", env=ENV)
    yield from lab.reaches("edited-failing", "InProgress", "Retrying")
    lab.edit("edited-failing", env=ENV)
    yield from lab.reaches("edited-ready", "Ready")
    lab.edit("edited-ready", env=ENV)
    for name, jobs in (("waiting", 2), ("failing", 2), ("running", 1), ("ready", 1)):
        cache = f"edited-{name}"
        yield from lab.reaches(cache, "Ready")
        assert lab.made(kinds.JOB, f"{cache}-job") == jobs, cache
        assert lab.made(kinds.JOB, f"{cache}-probe") == 1
        assert lab.kubelet.most_at_once(cache) == 1
        assert ("A" in variables(lab.found(kinds.JOB, f"{cache}-job"))) == (jobs == 2)


@case
def edited_while_a_pod_ends(lab):
    """The pod of the former download takes long to end, and the next one waits for it."""
    name = "slow-to-end"
    lab.cache(name, Play(download=lambda _: Ending(after=600), stops_in=5))
    yield from lab.runs_for_the(name, 1)
    lab.delete(kinds.JOB, f"{name}-job")
    while "Replacing" not in lab.reasons(name):
        yield "the pod is waited for"
    lab.edit(name, env=ENV)
    lab.kubelet.plays[name].download = lambda _: Ending(after=0.2)
    yield from lab.reaches(name, "Ready")
    assert len(lab.runs(name)) == 2
    assert lab.kubelet.most_at_once(name) == 1
    assert lab.made(kinds.JOB, f"{name}-job") == 2


@case
def drained(lab):
    """No attempt is used up, and there are never two pods."""
    lab.cache("drained", Play(download=lambda _: Ending(after=600), stops_in=3))
    yield from lab.runs_for_the("drained", 1)
    lab.kubelet.plays["drained"].download = lambda _: Ending(after=0.2)
    (pod,) = lab.pods("drained")
    lab.evict(pod)
    yield from lab.reaches("drained", "Ready")
    assert not lab.found(kinds.JOB, "drained-job")["status"].get("failed")
    assert (len(lab.runs("drained")), lab.kubelet.most_at_once("drained")) == (2, 1)
    assert lab.made(kinds.JOB, "drained-job") == 1


@case
def taken_away(lab):
    """Job or pods deleted once it is Ready: no second download; a status that is emptied: one."""
    for name in ("no-job", "no-pods"):
        lab.cache(name)
    lab.cache("no-status", **ngc(model={"gpus": [{"product": "h100"}], "tensorParallelism": "1"}))
    yield from lab.reaches("no-job", "Ready")
    lab.delete(kinds.JOB, "no-job-job")
    yield from lab.reaches("no-pods", "Ready")
    for pod in lab.pods("no-pods"):
        lab.delete(POD, pod["metadata"]["name"])
    yield from lab.reaches("no-status", "Ready")
    yield Action.LATER
    yield from lab.gone(kinds.JOB, "no-status-job")
    cache = lab.cluster.get(kinds.NIM_CACHE, lab.namespace, "no-status")
    lab.cluster.update_status({**cache, "status": {}}, manager="kubectl")
    yield Action.LATER_STILL  # nothing happens at once: a status that changes is no event
    while len(lab.runs("no-status")) < 2:
        yield "it is verified by another run"
    yield from lab.reaches("no-status", "Ready")
    for name, runs in (("no-job", 1), ("no-pods", 1), ("no-status", 2)):
        assert lab.status(name)["state"] == "Ready"
        assert len(lab.runs(name)) == runs
        assert len(lab.status(name)["profiles"]) == 1


@case
def restarted(lab):
    """Metacontroller starts anew while a download runs, and when another is Ready."""
    lab.cache("restarted-ready")
    yield from lab.reaches("restarted-ready", "Ready")
    lab.cache("restarted-running", Play(download=lambda _: Ending(after=600)))
    yield from lab.runs_for_the("restarted-running", 1)
    yield Action.RESTART
    lab.kubelet.finish("restarted-running")
    yield from lab.reaches("restarted-running", "Ready")
    for name in ("restarted-ready", "restarted-running"):
        assert len(lab.runs(name)) == 1
        assert lab.made(kinds.JOB, f"{name}-job") == 1


@case
def claim_lost(lab):
    """The claim is deleted once it is Ready: it is filled again, with the same profiles."""
    lab.cache("lost")
    yield from lab.reaches("lost", "Ready")
    before = lab.claim("lost")["metadata"]["uid"]
    lab.delete(CLAIM, "lost-pvc")
    while len(lab.runs("lost")) < 2:
        yield "it is filled again"
    yield from lab.reaches("lost", "Ready")
    after = lab.states("lost")[lab.states("lost").index("Ready") + 1 :]
    assert (after[0], after[-2:]) == ("NotReady", ["InProgress", "Ready"])
    assert lab.status("lost")["claimUID"] == lab.claim("lost")["metadata"]["uid"] != before
    assert [each["name"] for each in lab.status("lost")["profiles"]] == [manifests.name(0)]
    assert (len(lab.runs("lost")), lab.made(kinds.JOB, "lost-probe")) == (2, 1)


@case
def grows(lab):
    """Where the StorageClass can expand; where it cannot, that is told."""
    for name in ("grows", "stays"):
        pvc = {"create": True, "size": "1Gi", "storageClass": f"{lab.namespace}-{name}"}
        expands = {"allowVolumeExpansion": True} if name == "grows" else {}
        lab.cluster.put(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": pvc["storageClass"]},
                "provisioner": "example.com/none",
                **expands,
            }
        )
        lab.cache(name, storage={"pvc": pvc})
        yield from lab.reaches(name, "Ready")
        lab.cluster.put(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": f"{lab.namespace}-{name}"},
                "spec": {
                    "capacity": {"storage": "1Gi"},
                    "accessModes": ["ReadWriteOnce"],
                    "hostPath": {"path": "/tmp/none"},
                    "storageClassName": pvc["storageClass"],
                    "claimRef": {"namespace": lab.namespace, "name": f"{name}-pvc"},
                },
            }
        )
        while lab.claim(name)["status"].get("phase") != "Bound":
            yield f"the claim of {name} is bound"
        lab.edit(name, storage={"pvc": {**pvc, "size": "2Gi"}})
    while lab.claim("grows")["spec"]["resources"]["requests"]["storage"] != "2Gi":
        yield "the claim grows"
    while lab.said("stays", "Degraded").get("reason") != "ClaimNotGrown":
        yield f"it is told that the claim stays, {lab.status('stays')}"
    for name in ("grows", "stays"):
        assert (lab.status(name)["state"], len(lab.runs(name))) == ("Ready", 1)
    assert not lab.said("grows", "Degraded")
    lab.delete(kinds.NIM_CACHE, "stays")  # what the API server refuses is tried again and again
    yield from lab.gone(kinds.NIM_CACHE, "stays")

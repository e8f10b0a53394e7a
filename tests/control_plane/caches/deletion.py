"""Deletion, and the hooks or the status gone for a while."""

from hooks.nimcache import kinds
from nimservice_simulator.controllers.scenarios import Ending
from tests.control_plane.caches.common import CLAIM, DEPLOYMENT, case, said_of, user
from tests.control_plane.kubelet import Play
from tests.control_plane.sidebyside import Action
from tests.nimcache import manifests
from tests.nimcache.cluster import ngc


@case
def deleted(lab):
    """In the background and the foreground, at rest and while it downloads."""
    names = [f"{when}-{how}" for when in ("rest", "runs") for how in ("background", "foreground")]
    for name in names:
        slow = Play(download=lambda _: Ending(after=600))
        lab.cache(name, slow if name.startswith("runs") else None)
    for name in names:
        if name.startswith("runs"):
            yield from lab.runs_for_the(name, 1)
        else:
            yield from lab.reaches(name, "Ready")
        lab.delete(kinds.NIM_CACHE, name, name.partition("-")[2].capitalize())
    for name in names:
        yield from lab.gone(kinds.NIM_CACHE, name)
        for kind, suffix in ((kinds.JOB, "job"), (kinds.JOB, "probe"), (CLAIM, "pvc")):
            yield from lab.gone(kind, f"{name}-{suffix}")
        while lab.pods(name) or lab.pods(name, "probe"):
            yield f"the pods of {name} are gone"


@case
def orphaned(lab):
    """The claim stays; a new NIMCache of the name uses it, once nobody's Job is deleted."""
    lab.cache("orphaned")
    yield from lab.reaches("orphaned", "Ready")
    before = lab.claim("orphaned")["metadata"]["uid"]
    lab.delete(kinds.NIM_CACHE, "orphaned", "Orphan")
    yield from lab.gone(kinds.NIM_CACHE, "orphaned")
    while lab.claim("orphaned")["metadata"].get("ownerReferences"):
        yield "the claim is nobody's"
    lab.cache("orphaned")
    yield from lab.reaches("orphaned", "NotReady", "ChildNotObserved")
    assert "kubectl delete job orphaned-job" in lab.said("orphaned")["message"]
    assert len(lab.runs("orphaned")) == 1
    lab.delete(kinds.JOB, "orphaned-job")
    yield from lab.reaches("orphaned", "Ready")
    assert lab.status("orphaned")["claimUID"] == before
    assert not lab.claim("orphaned")["metadata"].get("ownerReferences")


@case
def in_use(lab):
    """Deletion waits for the NIMServices that name it; one that is applied first waits for it."""
    lab.put(
        user(lab, "in-use", storage={"nimCache": {"name": "in-use", "profile": manifests.name(5)}})
    )
    while said_of(lab, "in-use").get("reason") != "NIMCacheNotFound":
        yield f"the NIMService misses its NIMCache, {said_of(lab, 'in-use')}"
    lab.cache("in-use", **ngc(model={"profiles": [manifests.name(5)]}))
    yield from lab.reaches("in-use", "Ready")
    while said_of(lab, "in-use").get("reason") != "Ready":
        yield f"the NIMService serves, {said_of(lab, 'in-use')}"
    deployment = lab.cluster.get(DEPLOYMENT, lab.namespace, "in-use")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"] == {"nvidia.com/gpu": "2"}
    lab.delete(kinds.NIM_CACHE, "in-use")
    yield from lab.reaches("in-use", "NotReady", "InUse")
    assert "model of NIMService in-use" in lab.said("in-use")["message"]
    assert "deletionTimestamp" not in lab.claim("in-use")["metadata"]
    assert said_of(lab, "in-use")["status"] == "True"
    lab.delete(kinds.NIM_SERVICE, "in-use")
    yield from lab.gone(kinds.NIM_CACHE, "in-use")
    yield from lab.gone(CLAIM, "in-use-pvc")


@case
def in_use_and_deleted_in_the_foreground(lab):
    """Kubernetes deletes the claim at once, and keeps it for as long as a pod uses it."""
    lab.cache("foreground")
    lab.put(user(lab, "foreground"))
    while said_of(lab, "foreground").get("reason") != "Ready":
        yield f"the NIMService serves, {said_of(lab, 'foreground')}"
    lab.delete(kinds.NIM_CACHE, "foreground", "Foreground")
    while "deletionTimestamp" not in lab.claim("foreground")["metadata"]:
        yield "the claim is being deleted"
    assert said_of(lab, "foreground")["status"] == "True"
    lab.delete(kinds.NIM_SERVICE, "foreground")
    yield from lab.gone(CLAIM, "foreground-pvc")
    yield from lab.gone(kinds.NIM_CACHE, "foreground")


@case
def hooks_down(lab):
    """A download goes on, a deletion waits, and both go on where they were."""
    lab.cache("down-running", Play(download=lambda _: Ending(after=600)))
    lab.cache("down-deleted")
    yield from lab.reaches("down-deleted", "Ready")
    yield from lab.runs_for_the("down-running", 1)
    yield Action.DOWN
    lab.delete(kinds.NIM_CACHE, "down-deleted")
    lab.kubelet.finish("down-running")
    while not lab.found(kinds.JOB, "down-running-job")["status"].get("succeeded"):
        yield "the download goes on without the hooks"
    assert lab.seen(kinds.NIM_CACHE, "down-deleted")
    assert "deletionTimestamp" not in lab.claim("down-deleted")["metadata"]
    yield Action.UP
    yield from lab.reaches("down-running", "Ready")
    yield from lab.gone(kinds.NIM_CACHE, "down-deleted")
    yield from lab.gone(CLAIM, "down-deleted-pvc")


@case
def flapping(lab):
    """A NIMService runs on whatever becomes of its cache."""
    lab.cache("flaps")
    lab.put(user(lab, "flaps"))
    while said_of(lab, "flaps").get("reason") != "Ready":
        yield f"the NIMService serves, {said_of(lab, 'flaps')}"
    before = lab.cluster.get(DEPLOYMENT, lab.namespace, "flaps")["metadata"]
    for state, reason in (("NotReady", "NIMCacheNotReady"), ("Failed", "NIMCacheFailed")):
        cache = lab.cluster.get(kinds.NIM_CACHE, lab.namespace, "flaps")
        lab.cluster.update_status({**cache, "status": {"state": state}}, manager="kubectl")
        # The NIMService's own word is an event for the NIMCache, which may be quicker to answer.
        while said_of(lab, "flaps", "Degraded").get("reason") != reason:
            cache = lab.cluster.get(kinds.NIM_CACHE, lab.namespace, "flaps")
            if cache["status"].get("state") == "Ready":
                break
            yield f"the NIMService says {reason}, not {said_of(lab, 'flaps', 'Degraded')}"
        assert said_of(lab, "flaps")["status"] == "True"
    yield Action.LATER_STILL  # a status that changes is no event for the NIMCache
    yield from lab.reaches("flaps", "Ready")
    while said_of(lab, "flaps", "Degraded"):
        yield f"all is well again, {said_of(lab, 'flaps', 'Degraded')}"
    after = lab.cluster.get(DEPLOYMENT, lab.namespace, "flaps")["metadata"]
    assert (after["uid"], after["generation"]) == (before["uid"], before["generation"])

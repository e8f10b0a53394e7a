"""Claims: those that are there already."""

from hooks.nimcache import kinds
from nimservice_simulator.controllers.scenarios import Ending
from tests.control_plane.caches.common import case, pvc
from tests.control_plane.kubelet import Play


@case
def claims_of_others(lab):
    """Nobody's claim, one of another NIMCache and one of a StatefulSet: each is used, and left to
    its owner."""
    labels = {"app": "db"}
    workload = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "replicas": 0,
            "serviceName": "db",
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "db", "image": "i"}]},
            },
        },
    }
    lab.cache("owner")
    yield from lab.reaches("owner", "Ready")
    stateful = lab.put(workload)
    theirs = {
        "nobody": None,
        "cache": lab.found(kinds.NIM_CACHE, "owner"),
        "stateful": {**stateful, "apiVersion": "apps/v1", "kind": "StatefulSet"},
    }
    before = {}
    for whose, owner in theirs.items():
        for create in ("create", "named"):
            name = f"of-{whose}-{create}"
            references = [reference(owner)] if owner else []
            uid = {"controller-uid": owner["metadata"]["uid"]} if whose == "cache" else {}
            before[name] = lab.put(pvc(f"{name}-pvc", ownerReferences=references, labels=uid))
            storage = {"pvc": {"create": True, "size": "1Gi"}}
            if create == "named":
                storage = {"pvc": {"name": f"{name}-pvc"}}
            lab.cache(name, storage=storage)
    for name, claim in before.items():
        yield from lab.reaches(name, "Ready")
        assert lab.status(name)["claimUID"] == claim["metadata"]["uid"]
        told = lab.said(name, "Degraded").get("reason")
        shared = "ClaimShared" if "of-cache" in name else None
        assert told == ("ChildNotObserved" if name.endswith("create") else shared), name
        lab.delete(kinds.NIM_CACHE, name)
    for name, claim in before.items():
        yield from lab.gone(kinds.NIM_CACHE, name)
        yield from lab.gone(kinds.JOB, f"{name}-job")
        now = lab.claim(name)
        assert now["metadata"]["uid"] == claim["metadata"]["uid"]
        assert "deletionTimestamp" not in now["metadata"]
        assert owners(now) == owners(claim)


@case
def shared(lab):
    """Two NIMCaches on one claim download one after the other, and one beside them into a folder of
    its own."""
    slow = Play(download=lambda _: Ending(after=2))
    lab.put(pvc("shared"))
    for name in ("shared-a", "shared-b", "shared-c"):
        folder = {"subPath": "c"} if name == "shared-c" else {}
        lab.cache(name, Play(download=slow.download), storage={"pvc": {"name": "shared", **folder}})
    for name in ("shared-a", "shared-b", "shared-c"):
        yield from lab.reaches(name, "Ready")
    assert lab.kubelet.most_at_once("shared-a", "shared-b") == 1
    assert [len(lab.runs(f"shared-{each}")) for each in "abc"] == [1, 1, 1]
    assert max(lab.made(kinds.JOB, f"shared-{each}-job") for each in "ab") <= 2


def owners(obj):
    return [each["uid"] for each in obj["metadata"].get("ownerReferences") or []]


def reference(owner):
    meta = owner["metadata"]
    kind = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
    return {**kind, "name": meta["name"], "uid": meta["uid"], "controller": True}

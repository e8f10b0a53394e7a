"""Deletion: what keeps a deleted object for a while.

These are finalizers, a pod's grace and a namespace's content.
"""

from hooks.cluster.api import Object, is_deleting
from nimservice_simulator.apiserver.definition import Definition

_HELD_BY = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}
"""The finalizer that a propagation policy asks for."""


def grace_of(definition: Definition, obj: Object, asked: int | None) -> int:
    """Return the seconds an object is given to stop.

    Only a pod on a node that has not ended has any.
    """
    ended = (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    if not definition.graceful or ended or not obj["spec"].get("nodeName"):
        return 0
    return int(obj["spec"].get("terminationGracePeriodSeconds", 30)) if asked is None else asked


def finalizers(obj: Object, propagation: str) -> list[str]:
    """Return the object's finalizers with that of the propagation policy."""
    have = list(obj["metadata"].get("finalizers") or [])
    extra = _HELD_BY.get(propagation)
    return [*have, extra] if extra and extra not in have else have


def marked(obj: Object, finalizers: list[str], seconds: int, now: str) -> Object:
    """Return the object as it is once its deletion was asked for.

    A second request can only shorten the grace.
    """
    meta = {**obj["metadata"], **({"finalizers": finalizers} if finalizers else {})}
    if is_deleting(obj):
        meta["deletionGracePeriodSeconds"] = min(seconds, meta["deletionGracePeriodSeconds"])
    else:
        meta.update(deletionTimestamp=now, deletionGracePeriodSeconds=seconds)
        if "generation" in meta:
            meta["generation"] += 1
    terminating = {"status": {"phase": "Terminating"}} if obj["kind"] == "Namespace" else {}
    return {**obj, "metadata": meta, **terminating}


def waits(obj: Object) -> bool:
    """Tell whether a deleted object stays for now."""
    meta = obj["metadata"]
    return bool(
        meta.get("finalizers")
        or meta.get("deletionGracePeriodSeconds")
        or (obj.get("spec") or {}).get("finalizers")
    )

"""Garbage: deletes what lost its owners, and carries out foreground and orphan deletions."""

from collections.abc import Callable
from typing import Any

from hooks.cluster.api import NotFound, Object, Resource, is_deleting, name_of
from nimservice_simulator.api import Event
from nimservice_simulator.apiserver.server import ApiServer

MANAGER = "garbage-collector"


class Garbage:
    """The garbage collector of one API server; it works only when asked to."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._homes = {obj["metadata"]["uid"]: name_of(obj)[0] for obj in server.everything()}
        """The namespace of every object alive, by uid."""
        self._due = True
        server.watch_all(self._seen)

    def collect(self) -> bool:
        """Delete what has no owner left and move pending deletions on.

        Return whether anything was done.
        """
        done = False
        while self._due:
            self._due = False
            for obj in self._server.everything():
                concerned = obj["metadata"].get("ownerReferences") or is_deleting(obj)
                if concerned and self._server.exists(_kind(obj), *name_of(obj)):
                    done |= self._collect(self._server.get(_kind(obj), *name_of(obj)))
        return done

    def _seen(self, event: Event) -> None:
        meta = event.object["metadata"]
        if event.type == "DELETED":
            self._homes.pop(meta["uid"], None)
            self._due = True
            return
        self._homes[meta["uid"]] = name_of(event.object)[0]
        orphaned = meta.get("ownerReferences") and not self._has_owner(event.object)
        self._due |= bool(
            orphaned or {"foregroundDeletion", "orphan"} & set(meta.get("finalizers") or [])
        )

    def _collect(self, obj: Object) -> bool:
        meta = obj["metadata"]
        finalizers = meta.get("finalizers") or []
        if is_deleting(obj) and "orphan" in finalizers:
            return self._release(obj)
        if is_deleting(obj) and "foregroundDeletion" in finalizers:
            return self._delete_dependents_first(obj)
        if meta.get("ownerReferences") and not is_deleting(obj) and not self._has_owner(obj):
            return self._delete(obj)
        return False

    def _has_owner(self, obj: Object) -> bool:
        homes = (self._homes.get(owner["uid"]) for owner in obj["metadata"]["ownerReferences"])
        return any(home in ("", name_of(obj)[0]) for home in homes if home is not None)

    def _release(self, owner: Object) -> bool:
        uid = owner["metadata"]["uid"]
        for child in self._dependents(uid):
            self._edit(
                child,
                lambda meta: meta.update(
                    ownerReferences=[ref for ref in meta["ownerReferences"] if ref["uid"] != uid]
                ),
            )
        self._edit(owner, lambda meta: meta["finalizers"].remove("orphan"))
        return True

    def _delete_dependents_first(self, owner: Object) -> bool:
        children = self._dependents(owner["metadata"]["uid"])
        deleted = [
            self._delete(child, "Foreground") for child in children if not is_deleting(child)
        ]
        blocking = [
            child for child in self._dependents(owner["metadata"]["uid"]) if _blocks(child, owner)
        ]
        if not blocking:
            self._edit(owner, lambda meta: meta["finalizers"].remove("foregroundDeletion"))
            return True
        return any(deleted)

    def _dependents(self, uid: str) -> list[Object]:
        return [
            obj
            for obj in self._server.everything()
            if any(ref["uid"] == uid for ref in obj["metadata"].get("ownerReferences") or [])
        ]

    def _delete(self, obj: Object, propagation: str = "Background") -> bool:
        try:
            self._server.delete(
                _kind(obj),
                *name_of(obj),
                uid=obj["metadata"]["uid"],
                propagation=propagation,
                manager=MANAGER,
            )
        except NotFound:
            return False
        return True

    def _edit(self, obj: Object, change: Callable[[Object], Any]) -> None:
        self._server.edit(
            _kind(obj), *name_of(obj), lambda copy: change(copy["metadata"]), manager=MANAGER
        )


def _blocks(child: Object, owner: Object) -> bool:
    return any(
        ref["uid"] == owner["metadata"]["uid"] and ref.get("blockOwnerDeletion")
        for ref in child["metadata"]["ownerReferences"]
    )


def _kind(obj: Object) -> Resource:
    return Resource(obj["apiVersion"], obj["kind"], "")

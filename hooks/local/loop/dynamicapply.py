"""Dynamic apply: Metacontroller's own three-way merge, with what was applied last in an annotation."""

import json
from typing import Any

from hooks.local.api import AlreadyExists, Api, Conflict, NotFound, Object, Resource, is_deleting, name_of
from hooks.local.loop import threeway
from hooks.local.loop.claims import owner_reference
from hooks.local.loop.failure import SyncError
from hooks.local.values import canonical, copied, same

ANNOTATION = "metacontroller.k8s.io/last-applied-configuration"
_SYSTEM = (
    "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields",
)  # fmt: skip


class DynamicApply:
    """Creates what is missing and repairs what differs, by the kind's update strategy."""

    def __init__(self, api: Api, manager: str) -> None:
        self._api, self._manager = api, manager

    def ensure(self, resource: Resource, desired: Object, observed: Object | None, parent: Object, method: str) -> None:
        """Bring one child closer to what is desired; raise SyncError or the server's refusal."""
        if observed is None:
            self._create(desired, parent)
            return
        new = updated(observed, desired)
        if same(new, observed) or is_deleting(observed) or method == "OnDelete":
            return
        try:
            if method == "Recreate":
                self._api.delete(resource, *name_of(observed), uid=observed["metadata"]["uid"], propagation="Background")
            elif method == "InPlace":
                self._api.update(new, manager=self._manager)
            else:
                raise SyncError(f"invalid update strategy for {resource.kind}: unknown method {method}")
        except (NotFound, Conflict):
            return  # the pending watch event brings the next sync

    def _create(self, desired: Object, parent: Object) -> None:
        new = with_last_applied(copied(desired), desired)
        owners = new["metadata"].setdefault("ownerReferences", [])
        if all(owner.get("uid") != parent["metadata"]["uid"] for owner in owners):
            owners.append(owner_reference(parent))
        try:
            self._api.create(new, manager=self._manager)
        except AlreadyExists:
            return  # not seen yet, or someone else's: either way it is left alone


def updated(observed: Object, desired: Object) -> Object:
    """Return the observed object with the desired one merged in, as it would be written."""
    wanted = _without_annotation(desired)
    new = threeway.merged(observed, last_applied(observed), wanted)
    new["metadata"] = dict(new.get("metadata") or {})
    for name in _SYSTEM:
        _restore(new["metadata"], observed["metadata"], name)
    _restore(new, observed, "status")
    return with_last_applied(new, wanted)


def last_applied(observed: Object) -> Object:
    """Return what the annotation says was applied last; nothing if there is none or it cannot be read."""
    text = (observed["metadata"].get("annotations") or {}).get(ANNOTATION)
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise SyncError(f"can't unmarshal {ANNOTATION} annotation: {error}") from error
    return value if isinstance(value, dict) else {}


def with_last_applied(obj: Object, desired: Object) -> Object:
    """Return the object with the annotation; a value that is no string makes all other annotations disappear."""
    annotations = obj["metadata"].get("annotations") or {}
    readable = all(value is None or isinstance(value, str) for value in annotations.values())
    kept = {key: value or "" for key, value in annotations.items()} if readable else {}
    kept[ANNOTATION] = canonical(_without_annotation(desired)).decode()
    return {**obj, "metadata": {**obj["metadata"], "annotations": kept}}


def _without_annotation(desired: Object) -> Object:
    annotations = (desired.get("metadata") or {}).get("annotations")
    if not isinstance(annotations, dict) or ANNOTATION not in annotations:
        return desired
    rest = {key: value for key, value in annotations.items() if key != ANNOTATION}
    return {**desired, "metadata": {**desired["metadata"], "annotations": rest}}


def _restore(new: Object, observed: Object, name: str) -> None:
    value: Any = observed.get(name)
    if name in observed:
        new[name] = value
    else:
        new.pop(name, None)

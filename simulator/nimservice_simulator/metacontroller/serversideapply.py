"""Server-side apply: lets the API server merge, and remembers what it applied."""

from typing import NamedTuple

from hooks.cluster.api import (
    Conflict,
    Object,
    group_of,
    is_deleting,
    name_of,
)
from hooks.kernel.lastapplied import LAST_APPLIED
from hooks.kernel.owner import owner_reference
from hooks.kernel.values import canonical
from nimservice_simulator.api import Api

_SYSTEM = (
    "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields",
)  # fmt: skip


class _Applied(NamedTuple):
    text: bytes
    uid: str
    version: object
    """The generation after the apply, or the resourceVersion of an object without one."""


class ServerSideApply:
    """Applies with force.

    Drift that does not move an object's generation goes unseen, as in the original.
    """

    def __init__(self, api: Api, manager: str) -> None:
        self._api, self._manager = api, manager
        self._applied: dict[tuple[str, str, str, str], _Applied] = {}

    def ensure(
        self,
        desired: Object,
        observed: Object | None,
        parent: Object,
        method: str,
    ) -> None:
        """Bring one child closer to what is desired; raise SyncError or the server's refusal."""
        config = _configuration(desired, parent)
        key = (group_of(config["apiVersion"]), config["kind"], *name_of(config))
        if observed is not None:
            known = self._applied.get(key)
            if is_deleting(observed) or (
                known
                and known
                == _Applied(canonical(config), observed["metadata"]["uid"], _version(observed))
            ):
                return
            if method == "OnDelete":
                return
        try:
            if observed is not None:
                self._drop_annotation(observed)
            result = self._api.apply(config, manager=self._manager, force=True)
        except Conflict:
            return
        self._applied[key] = _Applied(
            canonical(config), result["metadata"]["uid"], _version(result)
        )

    def _drop_annotation(self, observed: Object) -> None:
        annotations = observed["metadata"].get("annotations") or {}
        if LAST_APPLIED not in annotations:
            return
        rest = {name: value for name, value in annotations.items() if name != LAST_APPLIED}
        meta = {**observed["metadata"], "annotations": rest}
        self._api.update({**observed, "metadata": meta}, manager=self._manager)


def _configuration(desired: Object, parent: Object) -> Object:
    """Return the applied child: with its owner, without fields of the server or dynamic apply."""
    meta = {name: value for name, value in desired["metadata"].items() if name not in _SYSTEM}
    if isinstance(meta.get("annotations"), dict) and LAST_APPLIED in meta["annotations"]:
        meta["annotations"] = {
            name: value for name, value in meta["annotations"].items() if name != LAST_APPLIED
        }
    owners = list(meta.get("ownerReferences") or [])
    if all(owner.get("uid") != parent["metadata"]["uid"] for owner in owners):
        owners.append(owner_reference(parent))
    return {
        **{name: value for name, value in desired.items() if name != "status"},
        "metadata": {**meta, "ownerReferences": owners},
    }


def _version(obj: Object) -> object:
    return obj["metadata"].get("generation") or obj["metadata"].get("resourceVersion")

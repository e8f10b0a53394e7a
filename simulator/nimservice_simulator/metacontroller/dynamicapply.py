"""Dynamic apply: Metacontroller's own three-way merge, with its record in an annotation."""

from hooks.cluster.api import (
    AlreadyExists,
    Conflict,
    NotFound,
    Object,
    is_deleting,
)
from hooks.kernel import dynamicapply
from hooks.kernel.owner import owner_reference
from hooks.kernel.values import copied, same
from nimservice_simulator.api import Api
from nimservice_simulator.metacontroller.failure import SyncError


class DynamicApply:
    """Creates what is missing and repairs what differs, by the kind's update strategy."""

    def __init__(self, api: Api, manager: str) -> None:
        self._api, self._manager = api, manager

    def ensure(
        self,
        desired: Object,
        observed: Object | None,
        parent: Object,
        method: str,
    ) -> None:
        """Bring one child closer to what is desired; raise SyncError or the server's refusal."""
        if observed is None:
            self._create(desired, parent)
            return
        try:
            new = dynamicapply.updated(observed, desired)
        except dynamicapply.Unreadable as error:
            raise SyncError(str(error)) from error
        if same(new, observed) or is_deleting(observed) or method == "OnDelete":
            return
        try:
            self._api.update(new, manager=self._manager)
        except (NotFound, Conflict):
            return  # the pending watch event brings the next sync

    def _create(self, desired: Object, parent: Object) -> None:
        new = dynamicapply.with_last_applied(copied(desired), desired)
        owners = new["metadata"].setdefault("ownerReferences", [])
        if all(owner.get("uid") != parent["metadata"]["uid"] for owner in owners):
            owners.append(owner_reference(parent))
        try:
            self._api.create(new, manager=self._manager)
        except AlreadyExists:
            return  # not seen yet, or someone else's: either way it is left alone

"""Claims: which children are the parent's: owned ones kept or released, orphans adopted."""

from hooks.cluster.api import NotFound, Object, Resource, controller_of, is_deleting, name_of
from hooks.kernel.owner import owner_reference
from hooks.kernel.values import copied
from nimservice_simulator.api import Api
from nimservice_simulator.metacontroller import selector as selectors
from nimservice_simulator.metacontroller.composite import ChildRule
from nimservice_simulator.metacontroller.failure import SyncError
from nimservice_simulator.metacontroller.informers import Informers
from nimservice_simulator.metacontroller.request import Groups, key_of


class Claims:
    """Finds, adopts and releases the children of parents."""

    def __init__(
        self, api: Api, informers: Informers, rules: tuple[ChildRule, ...], manager: str
    ) -> None:
        self._api, self._informers, self._rules, self._manager = api, informers, rules, manager

    def claimed(self, parent: Object, selector: Object) -> Groups:
        """Return the children of each listed kind after adopting and releasing.

        Raise SyncError for an unknown kind.
        """
        groups: Groups = {}
        for rule in self._rules:
            resource = self._api.find_plural(rule.api_version, rule.plural)
            if resource is None:
                raise SyncError(
                    f"discovery: can't find resource {rule.plural} in apiVersion {rule.api_version}"
                )
            groups[resource] = {
                key_of(child): child for child in self._claim(parent, selector, resource)
            }
        return groups

    def _claim(self, parent: Object, selector: Object, resource: Resource) -> list[Object]:
        uid, namespace = parent["metadata"]["uid"], name_of(parent)[0]
        mine = []
        for child in self._informers.controlled(resource, uid):
            if namespace and name_of(child)[0] != namespace:
                continue
            if selectors.matches(selector, child["metadata"].get("labels")):
                mine.append(child)
            elif not is_deleting(parent):
                self._release(resource, child, uid)
        return mine if is_deleting(parent) else mine + self._adopted(parent, selector, resource)

    def _adopted(self, parent: Object, selector: Object, resource: Resource) -> list[Object]:
        namespace = name_of(parent)[0]
        orphans = [
            child
            for child in self._informers.controlled(resource, "")
            if namespace in ("", name_of(child)[0])
            and not is_deleting(child)
            and selectors.matches(selector, child["metadata"].get("labels"))
        ]
        if orphans:
            self._check_alive(parent)
        return [child for orphan in orphans if (child := self._adopt(resource, orphan, parent))]

    def _check_alive(self, parent: Object) -> None:
        live = self._api.get(Resource(parent["apiVersion"], parent["kind"], ""), *name_of(parent))
        if live["metadata"]["uid"] != parent["metadata"]["uid"]:
            raise SyncError(f"can't adopt: original {parent['kind']} {key_of(parent)} is gone")
        if is_deleting(live):
            raise SyncError(f"can't adopt: {parent['kind']} {key_of(parent)} has just been deleted")

    def _adopt(self, resource: Resource, orphan: Object, parent: Object) -> Object | None:
        try:
            child = copied(self._api.get(resource, *name_of(orphan)))
            if controller_of(child):
                raise SyncError(
                    f"can't adopt {resource.kind} {key_of(child)}: it has a controller already"
                )
            child["metadata"].setdefault("ownerReferences", []).append(owner_reference(parent))
            return self._api.update(child, manager=self._manager)
        except NotFound:
            return None

    def _release(self, resource: Resource, child: Object, uid: str) -> None:
        try:
            live = copied(self._api.get(resource, *name_of(child)))
            live["metadata"]["ownerReferences"] = [
                owner
                for owner in live["metadata"].get("ownerReferences") or []
                if owner.get("uid") != uid
            ]
            self._api.update(live, manager=self._manager)
        except NotFound:
            return

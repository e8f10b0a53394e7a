"""Claims: which children are the parent's: owned ones kept or released, orphans adopted."""

from hooks.local.api import Api, NotFound, Object, Resource, controller_of, is_deleting, name_of
from hooks.local.loop import selector as selectors
from hooks.local.loop.composite import ChildRule
from hooks.local.loop.failure import SyncError
from hooks.local.loop.informers import Informers
from hooks.local.loop.request import Groups, key_of
from hooks.local.values import copied


def owner_reference(parent: Object) -> Object:
    """Return the reference that makes the parent a child's controller."""
    return {
        "apiVersion": parent["apiVersion"],
        "kind": parent["kind"],
        "name": parent["metadata"]["name"],
        "uid": parent["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def claimed(api: Api, informers: Informers, parent: Object, selector: Object, rules: tuple[ChildRule, ...], *, manager: str) -> Groups:
    """Return the children of each listed kind after adopting and releasing; raise SyncError for an unknown kind."""
    groups: Groups = {}
    for rule in rules:
        resource = api.find_plural(rule.api_version, rule.plural)
        if resource is None:
            raise SyncError(f"discovery: can't find resource {rule.plural} in apiVersion {rule.api_version}")
        informers.start(resource)
        mine = _claim(api, informers, parent, selector, resource, manager)
        groups[resource] = {key_of(child): child for child in mine}
    return groups


def _claim(api: Api, informers: Informers, parent: Object, selector: Object, resource: Resource, manager: str) -> list[Object]:
    uid, namespace = parent["metadata"]["uid"], name_of(parent)[0]
    here = [child for child in informers.controlled(resource, uid) if not namespace or name_of(child)[0] == namespace]
    mine = []
    for child in here:
        if selectors.matches(selector, child["metadata"].get("labels")):
            mine.append(child)
        elif not is_deleting(parent):
            _release(api, resource, child, uid, manager)
    if is_deleting(parent):
        return mine
    orphans = [
        child
        for child in informers.controlled(resource, "")
        if (not namespace or name_of(child)[0] == namespace)
        and not is_deleting(child)
        and selectors.matches(selector, child["metadata"].get("labels"))
    ]
    if orphans:
        _check_alive(api, parent)
    return mine + [child for orphan in orphans if (child := _adopt(api, resource, orphan, parent, manager))]


def _check_alive(api: Api, parent: Object) -> None:
    live = api.get(_kind(parent), *name_of(parent))
    if live["metadata"]["uid"] != parent["metadata"]["uid"]:
        raise SyncError(f"can't adopt: original {parent['kind']} {key_of(parent)} is gone")
    if is_deleting(live):
        raise SyncError(f"can't adopt: {parent['kind']} {key_of(parent)} has just been deleted")


def _adopt(api: Api, resource: Resource, orphan: Object, parent: Object, manager: str) -> Object | None:
    try:
        child = copied(api.get(resource, *name_of(orphan)))
        if controller_of(child):
            raise SyncError(f"can't adopt {resource.kind} {key_of(child)}: it has a controller already")
        child["metadata"].setdefault("ownerReferences", []).append(owner_reference(parent))
        return api.update(child, manager=manager)
    except NotFound:
        return None


def _release(api: Api, resource: Resource, child: Object, uid: str, manager: str) -> None:
    try:
        live = copied(api.get(resource, *name_of(child)))
        live["metadata"]["ownerReferences"] = [owner for owner in live["metadata"].get("ownerReferences") or [] if owner.get("uid") != uid]
        api.update(live, manager=manager)
    except NotFound:
        return


def _kind(obj: Object) -> Resource:
    return Resource(obj["apiVersion"], obj["kind"], "")

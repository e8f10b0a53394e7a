"""Children: labels desired children, deletes others, and lets the engine apply the rest."""

import random
from collections.abc import Callable
from typing import Literal, Protocol

from hooks.cluster.api import ApiError, NotFound, Object, Resource, group_of, is_deleting, name_of
from nimservice_simulator.api import Api
from nimservice_simulator.metacontroller import selector as selectors
from nimservice_simulator.metacontroller.composite import Composite
from nimservice_simulator.metacontroller.dynamicapply import DynamicApply
from nimservice_simulator.metacontroller.failure import SyncError
from nimservice_simulator.metacontroller.request import Group, Groups, key_of
from nimservice_simulator.metacontroller.serversideapply import ServerSideApply

Engine = Literal["dynamic-apply", "server-side-apply"]
ENGINES: tuple[Engine, ...] = ("dynamic-apply", "server-side-apply")
Gvk = tuple[str, str, str]
"""Group, version and kind: the order in which kinds are handled."""


class _Applier(Protocol):
    def ensure(
        self,
        desired: Object,
        observed: Object | None,
        parent: Object,
        method: str,
    ) -> None: ...


def desired(
    composite: Composite, parent: Object, children: list[Object], selector: Object
) -> dict[Gvk, Group]:
    """Return the wanted children by kind, with namespace and label.

    Raise SyncError for labels that are unfit.

    Of two children of one kind and name the later stays.
    """
    groups: dict[Gvk, Group] = {}
    for child in children:
        new = {**child, "metadata": _metadata(composite, parent, child, selector)}
        groups.setdefault(_gvk(child.get("apiVersion", ""), child["kind"]), {})[key_of(new)] = new
    return groups


def _metadata(composite: Composite, parent: Object, child: Object, selector: Object) -> Object:
    meta = child.get("metadata") or {}
    if not isinstance(meta, dict):
        raise SyncError(f"metadata of desired child {child['kind']} is not an object")
    named = f"{child['kind']} {meta.get('name')}"
    labels = meta.get("labels") or {}
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise SyncError(f"invalid labels on desired child {named}: not all values are strings")
    if composite.generate_selector:
        labels = {"controller-uid": parent["metadata"]["uid"], **labels}
    if not selectors.matches(selector, labels):
        raise SyncError(f"labels on desired child {named} don't match parent selector")
    namespace = meta.get("namespace") or name_of(parent)[0]
    return {
        **meta,
        **({"labels": labels} if labels else {}),
        **({"namespace": namespace} if namespace else {}),
    }


class Children:
    """Brings the children of parents to what is wanted."""

    def __init__(
        self, api: Api, composite: Composite, engine: Engine, manager: str, seed: int
    ) -> None:
        self._api, self._composite = api, composite
        self._random = random.Random(seed)  # noqa: S311 - plays the chance order of the original, with a seed
        self._applier: _Applier = (DynamicApply if engine == "dynamic-apply" else ServerSideApply)(
            api, manager
        )

    def manage(self, parent: Object, observed: Groups, wanted: dict[Gvk, Group]) -> list[str]:
        """Delete first, then create and update, each kind in its turn and in any order within.

        Return what went wrong.
        """
        seen = {
            _gvk(resource.api_version, resource.kind): group for resource, group in observed.items()
        }
        errors = []
        for gvk in sorted(seen):
            for key, child in self._shuffled(seen[gvk]):
                if key not in wanted.get(gvk, {}) and not is_deleting(child):
                    errors += _attempt(f"delete {gvk[2]} {key}", self._delete, child)
        for gvk in sorted(wanted):
            for key, child in self._shuffled(wanted[gvk]):
                errors += _attempt(
                    f"apply {gvk[2]} {key}", self._ensure, child, seen.get(gvk, {}).get(key), parent
                )
        return errors

    def _delete(self, child: Object) -> None:
        try:
            self._api.delete(
                self._kind(child),
                *name_of(child),
                uid=child["metadata"]["uid"],
                propagation="Background",
                manager="metacontroller",
            )
        except NotFound:
            return

    def _ensure(self, child: Object, observed: Object | None, parent: Object) -> None:
        resource = self._kind(child)
        self._applier.ensure(child, observed, parent, self._composite.method(resource))

    def _kind(self, child: Object) -> Resource:
        resource = self._api.find_kind(child.get("apiVersion", ""), child["kind"])
        if resource is None:
            raise SyncError(
                f"discovery: can't find kind {child['kind']} in apiVersion {child.get('apiVersion', '')}"
            )
        return resource

    def _shuffled(self, group: Group) -> list[tuple[str, Object]]:
        items = sorted(group.items())
        self._random.shuffle(items)
        return items


def _attempt(what: str, action: Callable[..., None], *args: Object | None) -> list[str]:
    try:
        action(*args)
    except (ApiError, SyncError) as error:
        return [f"can't {what}: {error}"]
    return []


def _gvk(api_version: str, kind: str) -> Gvk:
    return group_of(api_version), api_version.rpartition("/")[2], kind

"""Customize: the related objects a parent asks for, and which changes of them concern it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hooks.cluster.api import Object, Resource, name_of
from nimservice_simulator.api import Api
from nimservice_simulator.clock import Clock
from nimservice_simulator.metacontroller import selector as selectors
from nimservice_simulator.metacontroller.failure import SyncError
from nimservice_simulator.metacontroller.informers import Change, Handler, Informers
from nimservice_simulator.metacontroller.request import Groups, key_of

NAMESPACES = Resource("v1", "Namespace", "namespaces", namespaced=False)
_KEPT = timedelta(minutes=20)
"""How long a parent's rules are kept for one generation."""


class Related:
    """Asks the customize hook for a parent's rules, keeps them, and finds what they select."""

    def __init__(
        self,
        api: Api,
        informers: Informers,
        clock: Clock,
        ask: Callable[[Object], list[Object]],
    ) -> None:
        self._api, self._informers, self._clock, self._ask = api, informers, clock, ask
        self._rules: dict[tuple[str, int], tuple[list[Object], datetime]] = {}

    def rules(self, parent: Object) -> list[Object]:
        """Return the parent's rules; the hook is called once in 20 minutes for each generation."""
        key = (parent["metadata"]["uid"], parent["metadata"].get("generation", 0))
        known = self._rules.get(key)
        if known is None or known[1] <= self._clock.now():
            known = self._rules[key] = (self._ask(parent), self._clock.now() + _KEPT)
        return known[0]

    def objects(self, parent: Object, handler: Handler) -> Groups:
        """Return what the rules select, watching each kind from now on.

        Raise SyncError for a rule that cannot be.
        """
        groups: Groups = {}
        for rule in self.rules(parent):
            resource = self._api.find_plural(rule.get("apiVersion", ""), rule.get("resource", ""))
            if resource is None:
                raise SyncError(
                    f"discovery: can't find resource {rule.get('resource')} in apiVersion {rule.get('apiVersion')}"
                )
            _check(rule, resource)
            self._informers.start(resource, handler)
            group = groups.setdefault(resource, {})
            for obj in self._informers.list(resource):
                if self._selects(rule, resource, obj):
                    group[key_of(obj)] = obj
        return groups

    def concerns(self, parent: Object, change: Change) -> bool:
        """Tell whether a parent's rules select a changed object, as it was or as it is."""
        states = [state for state in (change.old, change.new) if state is not None]
        return any(
            self._selects(rule, change.resource, state)
            for rule in self.rules(parent)
            if (rule.get("apiVersion"), rule.get("resource"))
            == (change.resource.api_version, change.resource.plural)
            for state in states
        )

    def _selects(self, rule: Object, resource: Resource, obj: Object) -> bool:
        namespace, name = name_of(obj)
        if rule.get("namespaceSelector"):
            home = self._informers.get(NAMESPACES, "", namespace)
            if home is None or not selectors.matches(
                rule["namespaceSelector"], home["metadata"].get("labels")
            ):
                return False
        elif resource.namespaced and rule.get("namespace") not in (None, "", namespace):
            return False
        if rule.get("names") and name not in rule["names"]:
            return False
        return selectors.matches(rule.get("labelSelector"), obj["metadata"].get("labels"))


def _check(rule: Object, resource: Resource) -> None:
    names, labels, spaces, space = (
        rule.get(field) for field in ("names", "labelSelector", "namespaceSelector", "namespace")
    )
    if names and (labels or spaces):
        raise SyncError(
            f"related rule for {resource.plural}: names cannot be combined with a selector"
        )
    if space and spaces:
        raise SyncError(
            f"related rule for {resource.plural}: namespace cannot be combined with namespaceSelector"
        )
    if spaces and not resource.namespaced:
        raise SyncError(
            f"related rule for {resource.plural}: namespaceSelector needs a namespaced kind"
        )

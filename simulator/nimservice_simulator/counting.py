"""Counting: an ``Api`` that counts what its user asks for, so that a test can say.

At rest, nothing is asked.
"""

from collections import Counter

from hooks.cluster.api import KindRef, Object, Objects, Resource
from nimservice_simulator.api import Api, Watcher

READS = ("get", "list", "watch")


class CountingApi:
    """Passes every verb on to another ``Api`` and counts it by verb and kind."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.requests: Counter[tuple[str, str]] = Counter()

    def writes(self) -> Counter[tuple[str, str]]:
        """Return the counts of all verbs that write."""
        return Counter({key: count for key, count in self.requests.items() if key[0] not in READS})

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource of a kind, or None if the server does not serve it."""
        return self._api.find_kind(api_version, kind)

    def find_plural(self, api_version: str, plural: str) -> Resource | None:
        """Return the resource of a plural name, or None if the server does not serve it."""
        return self._api.find_plural(api_version, plural)

    def get(self, kind: KindRef, namespace: str, name: str) -> Object:
        """Return one object."""
        self.requests["get", kind.kind] += 1
        return self._api.get(kind, namespace, name)

    def list(self, kind: KindRef, namespace: str | None = None) -> Objects:
        """Return all objects of a kind, of one namespace if given."""
        self.requests["list", kind.kind] += 1
        return self._api.list(kind, namespace)

    def watch(self, kind: KindRef, watcher: Watcher) -> None:
        """Tell the watcher of every existing object before returning, then of every change."""
        self.requests["watch", kind.kind] += 1
        self._api.watch(kind, watcher)

    def create(self, obj: Object, *, manager: str) -> Object:
        """Create an object and return it as stored."""
        self.requests["create", obj["kind"]] += 1
        return self._api.create(obj, manager=manager)

    def update(self, obj: Object, *, manager: str) -> Object:
        """Replace all but the status."""
        self.requests["update", obj["kind"]] += 1
        return self._api.update(obj, manager=manager)

    def update_status(self, obj: Object, *, manager: str) -> Object:
        """Replace the status alone."""
        self.requests["update_status", obj["kind"]] += 1
        return self._api.update_status(obj, manager=manager)

    def delete(  # noqa: PLR0913 - the options of a real DELETE, and who asks
        self,
        kind: KindRef,
        namespace: str,
        name: str,
        *,
        uid: str = "",
        propagation: str = "Background",
        manager: str = "",
    ) -> None:
        """Delete an object, only the one with that uid if given."""
        self.requests["delete", kind.kind] += 1
        self._api.delete(kind, namespace, name, uid=uid, propagation=propagation, manager=manager)

    def apply(self, obj: Object, *, manager: str, force: bool = False) -> Object:
        """Apply an object on the server's side."""
        self.requests["apply", obj["kind"]] += 1
        return self._api.apply(obj, manager=manager, force=force)

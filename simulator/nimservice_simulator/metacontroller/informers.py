"""Informers: caches of what the API server told so far, which may lag behind it."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from hooks.cluster.api import Object, Objects, Resource, controller_of, name_of
from nimservice_simulator.api import Api, Event

Key = tuple[str, str]


class Change(NamedTuple):
    """A change as a handler is told of it.

    ``old`` is what the cache held, ``new`` what it holds now.
    """

    resource: Resource
    old: Object | None
    new: Object | None


Handler = Callable[[Change], None]


class Informers:
    """One cache for each kind that was asked for, filled in the order in which things happened."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._caches: dict[Resource, dict[Key, Object]] = {}
        self._by_owner: dict[Resource, dict[str, dict[Key, None]]] = {}
        self._handlers: dict[Resource, list[Handler]] = {}
        self._pending: deque[tuple[Resource, Event]] = deque()
        self._announced: deque[tuple[Handler, Change]] = deque()

    def start(self, resource: Resource, handler: Handler | None = None) -> None:
        """Begin to watch a kind, unless it is watched already.

        The cache is full when this returns.
        """
        if resource not in self._caches:
            self._fill(resource)
        handlers = self._handlers.setdefault(resource, [])
        if handler and handler not in handlers:
            handlers.append(handler)
            self._announced.extend(
                (handler, Change(resource, None, obj)) for obj in self._caches[resource].values()
            )

    def _fill(self, resource: Resource) -> None:
        self._caches[resource], self._by_owner[resource] = {}, {}
        listing = True

        def watcher(event: Event) -> None:
            if listing:
                self._update_cache(resource, event)
            else:
                self._pending.append((resource, event))

        self._api.watch(resource, watcher)
        listing = False

    def deliver(self, limit: int | None = None) -> int:
        """Take in at most so many events, tell the handlers, and return their number."""
        count = 0
        while (self._announced or self._pending) and (limit is None or count < limit):
            count += 1
            if self._announced:
                handler, change = self._announced.popleft()
                handler(change)
                continue
            change = self._update_cache(*self._pending.popleft())
            for handler in tuple(self._handlers[change.resource]):
                handler(change)
        return count

    def behind(self) -> int:
        """Return how many events are not taken in yet."""
        return len(self._pending) + len(self._announced)

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """Return an object from the cache, or None."""
        return self._caches[resource].get((namespace, name))

    def list(self, resource: Resource, namespace: str | None = None) -> Objects:
        """Return the cached objects of a kind, of one namespace if given."""
        return [
            obj for (space, _), obj in self._caches[resource].items() if namespace in (None, space)
        ]

    def controlled(self, resource: Resource, uid: str) -> Objects:
        """Return the cached objects that a controller owns; those of the empty uid have none."""
        cache = self._caches[resource]
        return [cache[key] for key in self._by_owner[resource].get(uid, ())]

    def _update_cache(self, resource: Resource, event: Event) -> Change:
        cache, key = self._caches[resource], name_of(event.object)
        old = cache.pop(key, None)
        if old is not None:
            self._by_owner[resource].get(_owner(old), {}).pop(key, None)
        if event.type == "DELETED":
            return Change(resource, old or event.object, None)
        cache[key] = event.object
        self._by_owner[resource].setdefault(_owner(event.object), {})[key] = None
        return Change(resource, old, event.object)


def _owner(obj: Object) -> str:
    owner = controller_of(obj)
    return str(owner.get("uid")) if owner else ""

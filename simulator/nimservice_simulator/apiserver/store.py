"""Store: the objects as they are, their one growing version, and who is told of changes."""

from collections.abc import Iterator

from hooks.cluster.api import NotFound, Object, Objects, name_of
from nimservice_simulator.api import Event, Watcher
from nimservice_simulator.apiserver.definition import Definition

Name = tuple[str, str]


class Store:
    """Keeps objects by kind, namespace and name; a stored object is never changed in place."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], dict[Name, Object]] = {}
        self._watchers: list[tuple[Definition | None, str, Watcher]] = []
        self._version = 0

    def find(self, definition: Definition, namespace: str, name: str) -> Object | None:
        """Return an object, or None."""
        return self._objects.get(definition.key, {}).get(
            (namespace if definition.namespaced else "", name)
        )

    def get(self, definition: Definition, namespace: str, name: str) -> Object:
        """Return an object; raise NotFound if there is none."""
        obj = self.find(definition, namespace, name)
        if obj is None:
            raise NotFound(f'{definition.dotted} "{name}" not found')
        return obj

    def all(self, definition: Definition, namespace: str | None = None) -> Objects:
        """Return the objects of a kind in the order of their names, of one namespace if given."""
        found = sorted(self._objects.get(definition.key, {}).items())
        return [obj for (space, _), obj in found if namespace in (None, space)]

    def everything(self) -> Iterator[Object]:
        """Return every object there is."""
        return iter([obj for objects in self._objects.values() for obj in objects.values()])

    def put(self, definition: Definition, new: Object, manager: str) -> Object:
        """Store an object under the next resourceVersion and tell the watchers."""
        objects = self._objects.setdefault(definition.key, {})
        old = objects.get(name_of(new))
        stored = self._versioned(new)
        objects[name_of(new)] = stored
        self._emit(definition, Event("MODIFIED" if old else "ADDED", stored, old, manager))
        return stored

    def remove(self, definition: Definition, last: Object, manager: str) -> Object:
        """Remove an object, telling the watchers its last state."""
        old = self._objects[definition.key].pop(name_of(last))
        gone = self._versioned(last)
        self._emit(definition, Event("DELETED", gone, old, manager))
        return gone

    def forget(self, definition: Definition) -> None:
        """Drop all objects of a kind without a word."""
        self._objects.pop(definition.key, None)

    def watch(self, definition: Definition | None, api_version: str, watcher: Watcher) -> None:
        """Tell a watcher of every change from now on.

        The changes are those of one kind in one version, or all as stored.
        """
        self._watchers.append((definition, api_version, watcher))

    def _versioned(self, obj: Object) -> Object:
        self._version += 1
        return {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self._version)}}

    def _emit(self, definition: Definition, event: Event) -> None:
        for wanted, version, watcher in tuple(self._watchers):
            if wanted is None:
                watcher(event)
            elif wanted.key == definition.key:
                watcher(
                    event._replace(
                        object=in_version(event.object, version),
                        old=event.old and in_version(event.old, version),
                    )
                )


def in_version(obj: Object, api_version: str) -> Object:
    """Return an object as another version of its kind shows it.

    It has the same fields under another apiVersion.
    """
    return obj if obj["apiVersion"] == api_version else {**obj, "apiVersion": api_version}

"""API: the verbs of an API server, as Metacontroller's loop uses them.

Tests run it on a real one.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from hooks.cluster.api import KindRef, Object, Objects, Resource


class Event(NamedTuple):
    """One change of one object, as a watch reports it."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Object
    """The object after the change; for DELETED its last state."""
    old: Object | None = None
    """The object before the change, where the server knows it."""
    manager: str = ""
    """The field manager that wrote it, where the server knows it."""


Watcher = Callable[[Event], None]


class Api(Protocol):
    """An API server; its errors are the exceptions of this module."""

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource of a kind, or None if the server does not serve it."""

    def find_plural(self, api_version: str, plural: str) -> Resource | None:
        """Return the resource of a plural name, or None if the server does not serve it."""

    def get(self, kind: KindRef, namespace: str, name: str) -> Object:
        """Return one object."""

    def list(self, kind: KindRef, namespace: str | None = None) -> Objects:
        """Return all objects of a kind, or those of one namespace."""

    def watch(self, kind: KindRef, watcher: Watcher) -> None:
        """Tell the watcher of every existing object before returning, then of every change."""

    def create(self, obj: Object, *, manager: str) -> Object:
        """Create an object and return it as stored."""

    def update(self, obj: Object, *, manager: str) -> Object:
        """Replace all but the status; a resourceVersion, if given, must be the current one."""

    def update_status(self, obj: Object, *, manager: str) -> Object:
        """Replace only the status."""

    def delete(  # noqa: PLR0913 - the options of a real DELETE, and who asks
        self,
        kind: KindRef,
        namespace: str,
        name: str,
        *,
        uid: str = ...,
        propagation: str = ...,
        manager: str = ...,
    ) -> None:
        """Delete an object; a uid, if given, must be the object's."""

    def apply(self, obj: Object, *, manager: str, force: bool = ...) -> Object:
        """Apply an object by server-side apply; return it as stored, or as a dry run shows it."""

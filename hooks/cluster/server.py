"""Server: a real API server as an ``Api``, in one namespace or in all."""

import threading
from pathlib import Path
from typing import Self

from hooks.cluster import discovery
from hooks.cluster.api import KindRef, NotFound, Object, Objects, Resource, Watcher, name_of
from hooks.cluster.connection import Connection
from hooks.cluster.discovery import Discovery
from hooks.cluster.watch import Watch


class KubeServer:
    """The API server of a kubeconfig; ``close`` ends its watches.

    With a namespace, it lists and watches only that one.
    """

    def __init__(
        self,
        kubeconfig: Path | str,
        namespace: str = "",
        *,
        discovered_every: float = discovery.KEPT,
    ) -> None:
        self.connection = Connection(kubeconfig)
        self.happened = threading.Event()
        """Set after each event that a watcher received."""
        self.namespace = namespace
        self._discovery = Discovery(self.connection, discovered_every)
        self._watches: list[Watch] = []

    def close(self) -> None:
        """End the watches and close the connections."""
        for watch in self._watches:
            watch.stop()
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource of a kind, or None if the server does not serve it."""
        return next(
            (each for each in self._discovery.kinds(api_version) if each.kind == kind), None
        )

    def find_plural(self, api_version: str, plural: str) -> Resource | None:
        """Return the resource of a plural name, or None if the server does not serve it."""
        return next(
            (each for each in self._discovery.kinds(api_version) if each.plural == plural), None
        )

    def get(self, kind: KindRef, namespace: str, name: str) -> Object:
        """Return one object."""
        return self.connection.request("GET", self._path(kind, namespace, name))

    def list(self, kind: KindRef, namespace: str | None = None) -> Objects:
        """Return all objects of a kind, or those of one namespace."""
        answer = self.connection.request(
            "GET", self._path(kind, self.namespace if namespace is None else namespace)
        )
        return [
            {"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in answer["items"]
        ]

    def watch(self, kind: KindRef, watcher: Watcher) -> None:
        """Tell the watcher of every existing object before returning, then of every change.

        The changes come from another thread.
        """
        watch = Watch(
            self.connection,
            self._path(kind, self.namespace),
            self._resource(kind),
            watcher,
            self.happened.set,
        )
        watch.start()
        self._watches.append(watch)

    def create(self, obj: Object, *, manager: str) -> Object:
        """Create an object and return it as stored."""
        return self.connection.request(
            "POST", self._path(_kind(obj), name_of(obj)[0]), obj, fieldManager=manager
        )

    def update(self, obj: Object, *, manager: str) -> Object:
        """Replace all but the status; a resourceVersion, if given, must be the current one."""
        return self.connection.request(
            "PUT", self._path(_kind(obj), *name_of(obj)), obj, fieldManager=manager
        )

    def update_status(self, obj: Object, *, manager: str) -> Object:
        """Replace only the status."""
        path = self._path(_kind(obj), *name_of(obj))
        status = "/status" if self._resource(_kind(obj)).status else ""
        return self.connection.request("PUT", path + status, obj, fieldManager=manager)

    def delete(
        self,
        kind: KindRef,
        namespace: str,
        name: str,
        *,
        uid: str = "",
        propagation: str = "Background",
    ) -> None:
        """Delete an object; a uid, if given, must be the object's."""
        options: Object = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": propagation,
        }
        if uid:
            options["preconditions"] = {"uid": uid}
        self.connection.request("DELETE", self._path(kind, namespace, name), options)

    def apply(
        self, obj: Object, *, manager: str, force: bool = False, dry_run: bool = False
    ) -> Object:
        """Apply an object by server-side apply; return it as stored, or as a dry run shows it."""
        query = {"fieldManager": manager, "force": str(force).lower()} | (
            {"dryRun": "All"} if dry_run else {}
        )
        path = self._path(_kind(obj), *name_of(obj))
        return self.connection.request(
            "PATCH", path, obj, content_type="application/apply-patch+yaml", **query
        )

    def _path(self, kind: KindRef, namespace: str, name: str = "") -> str:
        resource = self._resource(kind)
        space = f"/namespaces/{namespace}" if resource.namespaced and namespace else ""
        path = f"{discovery.root(resource.api_version)}{space}/{resource.plural}"
        return f"{path}/{name}" if name else path

    def _resource(self, kind: KindRef) -> Resource:
        if isinstance(kind, Resource) and kind.plural:
            return kind
        resource = self.find_kind(kind.api_version, kind.kind)
        if resource is None:
            raise NotFound(f"the server does not serve {kind.kind} in {kind.api_version}")
        return resource


def _kind(obj: Object) -> Resource:
    return Resource(obj["apiVersion"], obj["kind"], "")

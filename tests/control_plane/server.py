"""Server: a real API server with the verbs that Metacontroller's loop and the tests need."""

import threading
from pathlib import Path

from hooks.cluster import discovery
from hooks.cluster.api import KindRef, Object, Objects, Resource, name_of
from hooks.cluster.server import KubeServer
from nimservice_simulator.api import Watcher
from tests.control_plane.watch import StreamingConnection, Watch


class Server(KubeServer):
    """An ``Api`` in one namespace or in all; with a namespace, it lists and watches only that
    one."""

    def __init__(
        self,
        kubeconfig: Path | str,
        namespace: str = "",
        *,
        discovered_every: float = discovery.KEPT,
    ) -> None:
        super().__init__(kubeconfig, discovered_every=discovered_every)
        self.streaming = StreamingConnection(kubeconfig)
        self.happened = threading.Event()
        """Set after each event that a watcher received."""
        self.namespace = namespace
        self._watches: list[Watch] = []

    def close(self) -> None:
        """End the watches and close the connections."""
        for watch in self._watches:
            watch.stop()
        self.streaming.close()
        super().close()

    def list(self, kind: KindRef, namespace: str | None = None) -> Objects:
        """Return all objects of a kind, or those of one namespace."""
        return super().list(kind, self.namespace if namespace is None else namespace)

    def watch(self, kind: KindRef, watcher: Watcher) -> None:
        """Tell the watcher of every existing object before returning, then of every change.

        The changes come from another thread.
        """
        watch = Watch(
            self.streaming,
            self.path(kind, self.namespace),
            self.resource(kind),
            watcher,
            self.happened.set,
        )
        watch.start()
        self._watches.append(watch)

    def create(self, obj: Object, *, manager: str) -> Object:
        """Create an object and return it as stored."""
        return self.connection.request(
            "POST", self.path(_kind(obj), name_of(obj)[0]), obj, fieldManager=manager
        )

    def update(self, obj: Object, *, manager: str) -> Object:
        """Replace all but the status; a resourceVersion, if given, must be the current one."""
        return self.connection.request(
            "PUT", self.path(_kind(obj), *name_of(obj)), obj, fieldManager=manager
        )

    def update_status(self, obj: Object, *, manager: str) -> Object:
        """Replace only the status."""
        path = self.path(_kind(obj), *name_of(obj))
        status = "/status" if self.resource(_kind(obj)).status else ""
        return self.connection.request("PUT", path + status, obj, fieldManager=manager)

    def delete(
        self,
        kind: KindRef,
        namespace: str,
        name: str,
        *,
        uid: str = "",
        propagation: str = "Background",
        manager: str = "",  # noqa: ARG002 - an API server does not note who deletes
    ) -> None:
        """Delete an object; a uid, if given, must be the object's."""
        options: Object = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": propagation,
        }
        if uid:
            options["preconditions"] = {"uid": uid}
        self.connection.request("DELETE", self.path(kind, namespace, name), options)

    def apply(
        self, obj: Object, *, manager: str, force: bool = False, dry_run: bool = False
    ) -> Object:
        """Apply an object by server-side apply; return it as stored, or as a dry run shows it."""
        query = {"fieldManager": manager, "force": str(force).lower()} | (
            {"dryRun": "All"} if dry_run else {}
        )
        path = self.path(_kind(obj), *name_of(obj))
        return self.connection.request(
            "PATCH", path, obj, content_type="application/apply-patch+yaml", **query
        )

    def get(self, kind: KindRef, namespace: str, name: str) -> Object:
        """Return one object."""
        return self.connection.request("GET", self.path(kind, namespace, name))


def _kind(obj: Object) -> Resource:
    return Resource(obj["apiVersion"], obj["kind"], "")

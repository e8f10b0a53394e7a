"""Server: what commands read of a real API server."""

from pathlib import Path
from typing import Self

from hooks.cluster import discovery
from hooks.cluster.api import KindRef, NotFound, Objects, Resource
from hooks.cluster.connection import Connection
from hooks.cluster.discovery import Discovery


class KubeServer:
    """The API server of a kubeconfig, as commands read it."""

    def __init__(self, kubeconfig: Path | str, *, discovered_every: float = discovery.KEPT) -> None:
        self.connection = Connection(kubeconfig)
        self._discovery = Discovery(self.connection, discovered_every)

    def close(self) -> None:
        """Close the connections."""
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

    def list(self, kind: KindRef, namespace: str = "") -> Objects:
        """Return all objects of a kind, or those of one namespace."""
        answer = self.connection.request("GET", self.path(kind, namespace))
        return [
            {"apiVersion": kind.api_version, "kind": kind.kind, **item}
            for item in answer["items"] or []
        ]

    def path(self, kind: KindRef, namespace: str, name: str = "") -> str:
        """Return where a kind, its objects in a namespace, or one object is."""
        resource = self.resource(kind)
        space = f"/namespaces/{namespace}" if resource.namespaced and namespace else ""
        path = f"{discovery.root(resource.api_version)}{space}/{resource.plural}"
        return f"{path}/{name}" if name else path

    def resource(self, kind: KindRef) -> Resource:
        """Return the kind as discovery reports it; raise NotFound if it is not served."""
        if isinstance(kind, Resource) and kind.plural:
            return kind
        resource = self.find_kind(kind.api_version, kind.kind)
        if resource is None:
            raise NotFound(f"the server does not serve {kind.kind} in {kind.api_version}")
        return resource

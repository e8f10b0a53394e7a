"""API: the verbs of a Kubernetes API server, real or simulated."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Protocol

Object = dict[str, Any]
"""A Kubernetes object as JSON. Keep what a verb returns if you like, but change only a copy."""

Objects = list[Object]


class KindRef(Protocol):
    """A reference to a kind, for example a ``hooks.kernel.kind.Kind`` or a ``Resource``."""

    @property
    def api_version(self) -> str:
        """Group and version, for example ``apps/v1``."""

    @property
    def kind(self) -> str:
        """CamelCase name, for example ``Deployment``."""


class Resource(NamedTuple):
    """One kind in one version, as discovery reports it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool = True
    status: bool = True
    """Whether status is a subresource of its own."""

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return group_of(self.api_version)

    @property
    def group_key(self) -> str:
        """The kind's key in the hooks' ``children`` and ``related`` maps."""
        return f"{self.kind}.{self.api_version}"


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

    def delete(
        self, kind: KindRef, namespace: str, name: str, *, uid: str = ..., propagation: str = ...
    ) -> None:
        """Delete an object; a uid, if given, must be the object's."""

    def apply(self, obj: Object, *, manager: str, force: bool = ..., dry_run: bool = ...) -> Object:
        """Apply an object by server-side apply; return it as stored, or as a dry run shows it."""


class ApiError(Exception):
    """An error answer of the API server."""

    code = 500
    reason = "InternalError"


class BadRequest(ApiError):
    """The API server cannot understand the request."""

    code = 400
    reason = "BadRequest"


class Forbidden(ApiError):
    """The API server understands the request and refuses it."""

    code = 403
    reason = "Forbidden"


class NotFound(ApiError):
    """The object, its namespace or its kind does not exist."""

    code = 404
    reason = "NotFound"


class AlreadyExists(ApiError):
    """An object of that name exists."""

    code = 409
    reason = "AlreadyExists"


class Conflict(ApiError):
    """The object changed since it was read, has another uid, or another manager owns a field."""

    code = 409
    reason = "Conflict"


class Invalid(ApiError):
    """The object breaks a rule of its kind."""

    code = 422
    reason = "Invalid"


def group_of(api_version: str) -> str:
    """Return the group in an apiVersion, empty for the core group."""
    group, slash, _ = api_version.partition("/")
    return group if slash else ""


def name_of(obj: Object) -> tuple[str, str]:
    """Return namespace and name, the namespace empty for cluster-wide objects."""
    metadata = obj["metadata"]
    return metadata.get("namespace") or "", metadata.get("name") or ""


def controller_of(obj: Object) -> Object | None:
    """Return the owner reference that has ``controller: true``."""
    owners: list[Object] = obj["metadata"].get("ownerReferences") or []
    return next((owner for owner in owners if owner.get("controller") is True), None)


def is_deleting(obj: Object) -> bool:
    """Whether the object is being deleted."""
    return bool(obj["metadata"].get("deletionTimestamp"))

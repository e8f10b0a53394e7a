"""API: the verbs of a Kubernetes API server that Metacontroller's loop needs, whoever serves them."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Protocol

Object = dict[str, Any]
"""A Kubernetes object as JSON; what a verb returns may be kept, but only a copy may be changed."""

Objects = list[Object]


class KindRef(Protocol):
    """Whatever names a kind; the rows of ``hooks.kernel.kinds`` do, and so does ``Resource``."""

    @property
    def api_version(self) -> str:
        """Group and version, for example ``apps/v1``."""

    @property
    def kind(self) -> str:
        """CamelCase name, for example ``Deployment``."""


class Resource(NamedTuple):
    """One kind in one version, as discovery tells it."""

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
    """One change of one object, as a watch tells it."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Object
    """The object after the change; for DELETED its last state."""
    old: Object | None = None
    """The object before the change, where the server knows it."""
    manager: str = ""
    """Who wrote, where the server knows it."""


Watcher = Callable[[Event], None]


class Api(Protocol):
    """What the loop asks of an API server; errors are the exceptions of this module."""

    def find_kind(self, api_version: str, kind: str) -> Resource | None:
        """Return the resource of a kind, or None if the server does not serve it."""

    def find_plural(self, api_version: str, plural: str) -> Resource | None:
        """Return the resource of a plural name, or None if the server does not serve it."""

    def get(self, kind: KindRef, namespace: str, name: str) -> Object:
        """Return one object."""

    def list(self, kind: KindRef, namespace: str | None = None) -> Objects:
        """Return all objects of a kind, of one namespace if given."""

    def watch(self, kind: KindRef, watcher: Watcher) -> None:
        """Tell the watcher of every object there is, before returning, and of every change from then on."""

    def create(self, obj: Object, *, manager: str) -> Object:
        """Create an object and return it as stored."""

    def update(self, obj: Object, *, manager: str) -> Object:
        """Replace all but the status, if the object carries the current resourceVersion or none."""

    def update_status(self, obj: Object, *, manager: str) -> Object:
        """Replace the status alone."""

    def delete(
        self, kind: KindRef, namespace: str, name: str, *, uid: str = ..., propagation: str = ...
    ) -> None:
        """Delete an object, only the one with that uid if given."""

    def apply(self, obj: Object, *, manager: str, force: bool = ..., dry_run: bool = ...) -> Object:
        """Apply an object on the server's side and return it as stored, or as it would be."""


class ApiError(Exception):
    """An answer of the API server other than success."""

    code = 500
    reason = "InternalError"


class BadRequest(ApiError):
    """The request cannot be understood."""

    code = 400
    reason = "BadRequest"


class Forbidden(ApiError):
    """The request is understood and refused."""

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
    """The object has changed since it was read, is another one, or is owned by another manager."""

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
    """Tell whether the object is on its way out."""
    return bool(obj["metadata"].get("deletionTimestamp"))

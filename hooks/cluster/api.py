"""API: objects, kinds and refusals of a Kubernetes API server, real or simulated."""

from typing import NamedTuple, Protocol

from hooks.kernel.document import JSON

Object = JSON
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

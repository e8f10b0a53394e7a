"""Protocol: requests and answers of the hooks, in Metacontroller's hook version v2.

``children`` and ``related`` map a group key (``Deployment.apps/v1``) to objects. The key of a
namespaced object is ``namespace/name``, that of a cluster-wide object is ``name``. Objects stay
plain JSON; only the parent becomes a model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from hooks.kernel.document import JSON
from hooks.kernel.kind import Kind

Groups = Mapping[str, Mapping[str, JSON]]

TOO_DEEP = "body: nested too deeply"


class BadRequest(Exception):
    """A request that no hook can answer: an HTTP ``status`` and one line for the sender."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class HookRequest:
    """A request of Metacontroller: the parent, its observed children and its related objects."""

    parent: JSON
    children: Groups = field(default_factory=dict)
    related: Groups = field(default_factory=dict)
    controller: JSON = field(default_factory=dict)
    finalizing: bool = False

    def observed(self, kind: Kind) -> Mapping[str, JSON]:
        """Return the observed children of a kind by ``namespace/name``."""
        return self.children.get(kind.group_key, {})

    def all_observed(self) -> Iterator[JSON]:
        """Yield every observed child, sorted by group key and name."""
        for _, group in sorted(self.children.items()):
            yield from (child for _, child in sorted(group.items()))


def decode(body: bytes) -> HookRequest:
    """Return the request in a JSON body.

    Raises:
        BadRequest: 400 for a body that is not JSON, 422 for JSON of another shape.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, f"body: not JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadRequest(422, "body: must be a JSON object with parent, children and related")
    parent = document.get("parent")
    if not isinstance(parent, dict):
        raise BadRequest(422, "parent: must be an object of the API")
    metadata = _metadata(parent)
    if too_deep(parent):
        raise BadRequest(422, TOO_DEEP)
    controller = document.get("controller")
    finalizing = document.get("finalizing")
    if finalizing is not None and not isinstance(finalizing, bool):
        raise BadRequest(422, "finalizing: must be true or false")
    namespace = metadata.get("namespace")
    return HookRequest(
        parent=parent,
        children=_groups(document, "children", "" if namespace is None else f"{namespace}/"),
        related=_groups(document, "related"),
        controller=controller if isinstance(controller, dict) else {},
        finalizing=bool(finalizing),
    )


def _metadata(parent: JSON) -> JSON:
    """Return the parent's metadata, in which every field that the hooks read has its type."""
    metadata = parent.get("metadata")
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("name"), str)
        or not metadata["name"]
    ):
        raise BadRequest(422, "parent.metadata.name: must be a non-empty string")
    for key in ("namespace", "uid", "deletionTimestamp"):
        if not isinstance(metadata.get(key), str | None):
            raise BadRequest(422, f"parent.metadata.{key}: must be text")
    generation = metadata.get("generation")
    if generation is not None and type(generation) is not int:
        raise BadRequest(422, "parent.metadata.generation: must be a whole number")
    return metadata


def _groups(document: JSON, key: str, within: str = "") -> Groups:
    """Return a map of maps of objects, each under its own name.

    Anything else is refused: the answer would leave out a child that was misread as absent, and
    Metacontroller would delete it.
    """
    groups = document.get(key)
    if groups is None:
        return {}
    if not isinstance(groups, dict):
        raise BadRequest(422, f"{key}: must be an object of groups such as Deployment.apps/v1")
    for name, group in groups.items():
        if group is None:
            groups[name] = {}
        elif not isinstance(group, dict):
            raise BadRequest(422, f"{key}[{name}]: must be an object of objects by namespace/name")
        for label, item in (group or {}).items():
            keys = _keys(item)
            if keys != (name, label) or not label.startswith(within):
                wanted = "of this kind, namespace and name"
                if keys is None:
                    wanted = "with apiVersion, kind and metadata.name"
                raise BadRequest(422, f"{key}[{name}][{label}]: must be an object {wanted}")
    return groups


def _keys(item: object) -> tuple[str, str] | None:
    """Return the group key and the name key of an object, or None if it is no object."""
    if not isinstance(item, dict) or not isinstance(metadata := item.get("metadata"), dict):
        return None
    version, kind = item.get("apiVersion"), item.get("kind")
    name, namespace = metadata.get("name"), metadata.get("namespace") or ""
    if not (version and kind and name and isinstance(namespace, str)):
        return None
    if not (isinstance(version, str) and isinstance(kind, str) and isinstance(name, str)):
        return None
    return f"{kind}.{version}", f"{namespace}/{name}" if namespace else name


def too_deep(document: Any) -> bool:
    """Whether JSON exceeds orjson's limit of 254 levels, ten times those of Kubernetes' objects."""
    try:
        orjson.dumps(document)
    except orjson.JSONEncodeError as error:
        return "ecursion" in str(error)
    return False


def encode(answer: JSON) -> bytes:
    """Return an answer as JSON with sorted keys, so that equal answers are equal bytes.

    Raises:
        BadRequest: if the answer repeats a part of the request that is nested too deeply.
    """
    try:
        return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        if too_deep(answer):
            raise BadRequest(422, TOO_DEEP) from None
        raise

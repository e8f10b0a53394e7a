"""Wire: requests and answers of the hooks, after Metacontroller's protocol v2.

``children`` and ``related`` map a group key (``Deployment.apps/v1``) to objects by ``namespace/name`` (``name`` for objects of
the cluster). Objects stay plain JSON; only the parent is ever given to a model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from hooks.kinds import Kind

JSON = dict[str, Any]
Groups = Mapping[str, Mapping[str, JSON]]


class BadRequest(Exception):
    """A request that no hook can answer; ``status`` is the HTTP status that says so, the text one line for its sender."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class HookRequest:
    """What Metacontroller sends: the parent and what it observes around it."""

    parent: JSON
    children: Groups = field(default_factory=dict)
    related: Groups = field(default_factory=dict)
    controller: JSON = field(default_factory=dict)
    finalizing: bool = False

    def observed(self, kind: Kind) -> Mapping[str, JSON]:
        """Return the children of a kind by ``namespace/name``."""
        return self.children.get(kind.group_key) or {}

    def all_observed(self) -> Iterator[JSON]:
        """Yield every observed child, whatever the order of the request in the same order."""
        for _, group in sorted(self.children.items()):
            yield from (child for _, child in sorted(group.items()))


def decode(body: bytes) -> HookRequest:
    """Return the request in a body of JSON.

    Raises:
        BadRequest: 400 where the body is not JSON, 422 where it is JSON of another shape.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, f"body: not JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadRequest(422, "body: must be a JSON object with parent, children and related")
    _check_depth(document)
    parent = document.get("parent")
    if not isinstance(parent, dict):
        raise BadRequest(422, "parent: must be an object, the NIMService")
    metadata = parent.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str) or not metadata["name"]:
        raise BadRequest(422, "parent.metadata.name: must be a non-empty string")
    controller = document.get("controller")
    finalizing = document.get("finalizing")
    if finalizing is not None and not isinstance(finalizing, bool):
        raise BadRequest(422, "finalizing: must be true or false")
    namespace = metadata.get("namespace")
    return HookRequest(
        parent=parent,
        children=_groups(document, "children", f"{namespace}/" if isinstance(namespace, str) else ""),
        related=_groups(document, "related"),
        controller=controller if isinstance(controller, dict) else {},
        finalizing=bool(finalizing),
    )


def _groups(document: JSON, key: str, within: str = "") -> Groups:
    """Refuse what is not a map of maps of objects, each under its own name: a child that is misread as absent could be deleted."""
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
            if not _is_object(item):
                raise BadRequest(422, f"{key}[{name}][{label}]: must be an object with apiVersion, kind and metadata.name")
            if not label.startswith(within) or (f"{item['kind']}.{item['apiVersion']}", _label(item)) != (name, label):
                raise BadRequest(422, f"{key}[{name}][{label}]: must be the object that its kind, namespace and name say")
    return groups


def _is_object(item: object) -> bool:
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(metadata, dict):
        return False
    return all(isinstance(text, str) and text for text in (item.get("apiVersion"), item.get("kind"), metadata.get("name")))


def _label(item: JSON) -> str:
    metadata = item["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else str(metadata["name"])


def _check_depth(document: JSON) -> None:
    """Refuse a body so deep that an answer with parts of it could not be written, which nests them a little deeper."""
    nested: Any = document
    for _ in range(16):
        nested = [nested]
    try:
        orjson.dumps(nested)
    except orjson.JSONEncodeError:
        raise BadRequest(422, "body: nested too deeply") from None


def encode(answer: JSON) -> bytes:
    """Return an answer as JSON with sorted keys, so that equal answers are equal bytes."""
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)

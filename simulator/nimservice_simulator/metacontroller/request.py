"""Request: the envelope a hook receives."""

from typing import NamedTuple

from hooks.cluster.api import Object, Resource, name_of

Group = dict[str, Object]
"""Objects of one kind under ``namespace/name``, or the name alone for cluster-wide ones."""
Groups = dict[Resource, Group]


def key_of(obj: Object) -> str:
    """Return an object's key: ``namespace/name``, or the name alone if it has no namespace."""
    namespace, name = name_of(obj)
    return f"{namespace}/{name}" if namespace else name


class Observation(NamedTuple):
    """The cached objects around a parent."""

    children: Groups
    related: Groups


def envelope(controller: Object, parent: Object, seen: Observation, *, finalizing: bool) -> Object:
    """Return the body of a sync or finalize request, in version 2."""
    return {
        "controller": controller,
        "parent": parent,
        "children": _by_kind(seen.children),
        "related": _by_kind(seen.related),
        "finalizing": finalizing,
    }


def _by_kind(groups: Groups) -> dict[str, Group]:
    return {resource.group_key: group for resource, group in groups.items()}

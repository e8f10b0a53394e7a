"""Request: the envelope a hook receives."""

from collections.abc import Mapping
from typing import NamedTuple

from hooks.cluster.api import Object, Resource, name_of

Group = dict[str, Object]
"""Objects of one kind under ``namespace/name``, or the name alone for cluster-wide ones."""
Groups = dict[Resource, Group]


def key_of(obj: Object) -> str:
    """Return an object's key: ``namespace/name``, or the name alone if it has no namespace."""
    namespace, name = name_of(obj)
    return f"{namespace}/{name}" if namespace else name


class Seen(NamedTuple):
    """What the caches hold of a parent's world."""

    children: Groups
    related: Groups


def envelope(
    controller: Object, parent: Object, seen: Seen, *, finalizing: bool, v2: bool
) -> Object:
    """Return the body of a sync or finalize request in the hook's version."""
    return {
        "controller": controller,
        "parent": parent,
        "children": _maps(seen.children, parent, v2),
        "related": _maps(seen.related, parent, v2),
        "finalizing": finalizing,
    }


def _maps(groups: Mapping[Resource, Group], parent: Object, v2: bool) -> dict[str, Group]:
    namespace = name_of(parent)[0]
    if v2 or not namespace:
        return {resource.group_key: group for resource, group in groups.items()}
    # version 1 knows an object of a namespaced parent by name alone, and drops what is elsewhere
    return {
        resource.group_key: {
            name_of(obj)[1]: obj for obj in group.values() if name_of(obj)[0] == namespace
        }
        for resource, group in groups.items()
    }

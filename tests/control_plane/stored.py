"""Stored: whether what the API server holds is what it was asked for."""

from collections.abc import Iterator
from typing import Any

from hooks.cluster.api import Object
from hooks.nimservice import kinds
from tests.control_plane.cluster import Cluster


def as_children(objects: list[Object]) -> dict[str, Object]:
    """Return objects by kind and name, without the bytes of generated keys."""
    found = {f"{obj['kind']} {obj['metadata']['name']}": obj for obj in objects}
    return {
        key: {**obj, "data": dict.fromkeys(obj["data"])} if obj["kind"] == "Secret" else obj
        for key, obj in found.items()
    }


def children_by_owner(cluster: Cluster, namespace: str) -> dict[str, dict[str, Object]]:
    """Return what each NIMService owns, by its uid."""
    owned: dict[str, list[Object]] = {}
    for kind in filter(cluster.served, kinds.MANAGED):
        for obj in cluster.list(kind, namespace):
            for owner in obj["metadata"].get("ownerReferences") or []:
                owned.setdefault(owner["uid"], []).append(obj)
    return {uid: as_children(objects) for uid, objects in owned.items()}


def differences(wanted: Any, stored: Any, path: str = "") -> Iterator[str]:
    """Yield where an object is not stored as it was asked for; what the server added besides does
    not count."""
    if not path:
        yield from (f"{key} is not wanted" for key in stored.keys() - wanted.keys())
    if isinstance(wanted, dict) and isinstance(stored, dict):
        for key, value in wanted.items():
            if key not in stored:
                yield f"{path}.{key} is lost"
            else:
                yield from differences(value, stored[key], f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(stored, list):
        if len(wanted) != len(stored):
            yield f"{path} has {len(stored)} entries, not {len(wanted)}"
        for index, (mine, theirs) in enumerate(zip(wanted, stored, strict=False)):
            yield from differences(mine, theirs, f"{path}[{index}]")
    elif wanted != stored or type(wanted) is not type(stored):
        yield f"{path} is {stored!r}, not {wanted!r}"

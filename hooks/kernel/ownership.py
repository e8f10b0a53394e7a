"""Ownership: objects that have the name of a child and belong to somebody else.

Metacontroller shows a parent the children that are its own. Under dynamic apply it cannot make one whose name is taken; under
server-side apply it takes the object away from its owner. So an object that is seen and is somebody else's is left to its owner.
"""

from collections.abc import Iterable
from typing import Any

from hooks.kernel.context import Context
from hooks.kernel.finding import Finding
from hooks.kernel.kind import PERSISTENT_VOLUME_CLAIM, Kind
from hooks.kernel.manifest import Manifest


def left_to_others(
    ctx: Context[Any, Any], children: Iterable[Manifest]
) -> tuple[list[Manifest], list[Finding]]:
    """Return the children that may be made, and a finding for each whose name is taken."""
    claimed = [
        (child, finding(ctx, ctx.kind_of(child), child["metadata"]["name"])) for child in children
    ]
    return [child for child, found in claimed if found is None], [
        found for _, found in claimed if found is not None
    ]


def finding(ctx: Context[Any, Any], kind: Kind, name: str) -> Finding | None:
    """Return whose a child is that the parent desires and must not take, or None where it may be made."""
    there = ctx.related_named(kind, name)
    if there is None or ctx.child(kind, name) is not None:
        return None
    owner = next(
        (
            each
            for each in there["metadata"].get("ownerReferences") or []
            if each.get("controller") is True
        ),
        None,
    )
    if owner is None and kind != PERSISTENT_VOLUME_CLAIM:
        return None
    if owner is not None and owner.get("uid") == ctx.request.parent["metadata"].get("uid"):
        return None  # ours, and seen as such in a moment
    whose = (
        f"belongs to {owner.get('kind')} {owner.get('name')}"
        if owner
        else "belongs to nobody, so it may hold somebody's data"
    )
    if kind == PERSISTENT_VOLUME_CLAIM:
        what = "it is used and left as it is: name it without spec.storage.pvc.create, or choose another name"
    else:
        what = "it is left as it is: choose another name for one of the two"
    return Finding(
        "ChildNotObserved",
        f"{kind.kind} {name} exists and {whose}; {what}",
        subject=f"{kind.kind}/{name}",
    )

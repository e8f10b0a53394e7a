"""Ownership: objects that have the name of a child and belong to somebody else.

Metacontroller shows a parent the children that are its own. Under dynamic apply it cannot make one whose name is taken; under
server-side apply it takes the object away from its owner. So an object that is seen and is somebody else's is left to its owner.
"""

from collections.abc import Iterable
from typing import Any

from hooks.kernel.context import Context
from hooks.kernel.finding import Finding
from hooks.kernel.kind import PERSISTENT_VOLUME_CLAIM, Kind
from hooks.kernel.lastapplied import OWNER_LABEL
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
    there = stranger(ctx, kind, name)
    if there is None:
        return None
    owned = _controller(there) is not None
    if not owned and kind not in ctx.UNOWNED:
        return None
    return Finding(
        "ChildNotObserved",
        f"{kind.kind} {name} exists and belongs to {whose(there)}{_remedy(ctx, kind, name, owned=owned)}",
        subject=f"{kind.kind}/{name}",
    )


def _remedy(ctx: Context[Any, Any], kind: Kind, name: str, *, owned: bool) -> str:
    if kind == PERSISTENT_VOLUME_CLAIM:
        data = "" if owned else ", so it may hold somebody's data"
        return f"{data}; it is used and left as it is: name it without spec.storage.pvc.create, or choose another name"
    if owned:
        return "; it is left as it is: choose another name for one of the two"
    mark = f"{OWNER_LABEL}={ctx.request.parent['metadata'].get('uid')}"
    return (
        f"; it is left as it is: hand it over by kubectl label {kind.plural} {name} -n {ctx.namespace} --overwrite {mark},"
        " or choose another name for one of the two"
    )


def stranger(ctx: Context[Any, Any], kind: Kind, name: str) -> Manifest | None:
    """Return the related object that has the name of a child and is not the parent's, or None where there is none."""
    there = ctx.related_named(kind, name)
    if there is None or ctx.child(kind, name) is not None:
        return None
    owner = _controller(there)
    if owner is not None and owner.get("uid") == ctx.request.parent["metadata"].get("uid"):
        return None  # ours, and seen as such in a moment
    return there


def whose(manifest: Manifest) -> str:
    """Return in words to whom an object belongs."""
    owner = _controller(manifest)
    return f"{owner.get('kind')} {owner.get('name')}" if owner else "nobody"


def _controller(manifest: Manifest) -> Manifest | None:
    owners = manifest["metadata"].get("ownerReferences") or []
    return next((each for each in owners if each.get("controller") is True), None)

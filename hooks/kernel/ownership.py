"""Ownership: objects of another owner that have the name of a desired child.

Metacontroller shows a parent only its own children. Under dynamic apply it cannot create a child
whose name is taken; under server-side apply it takes the object away from its owner. So the answer
leaves out a child whose name a related object of another owner has.
"""

from collections.abc import Iterable
from typing import Any

from hooks.kernel import strict
from hooks.kernel.context import Context
from hooks.kernel.finding import Finding, sentences
from hooks.kernel.kind import PERSISTENT_VOLUME_CLAIM, Kind
from hooks.kernel.lastapplied import OWNER_LABEL
from hooks.kernel.manifest import Manifest


def left_to_others(
    ctx: Context[Any, Any], children: Iterable[Manifest]
) -> tuple[list[Manifest], list[Finding]]:
    """Return the children whose names are free, and a finding for each other one."""
    claimed = [
        (child, finding(ctx, ctx.kind_of(child), child["metadata"]["name"])) for child in children
    ]
    return [child for child, found in claimed if found is None], [
        found for _, found in claimed if found is not None
    ]


def finding(ctx: Context[Any, Any], kind: Kind, name: str) -> Finding | None:
    """Return who has the name of a desired child, or None if the name is free."""
    there = stranger(ctx, kind, name)
    if there is None:
        return None
    owned = _controller(there) is not None
    if not owned and kind not in ctx.UNOWNED:
        return None
    message = f"{kind.kind} {name} already exists and {_ownership(there)}"
    if kind.group_key == PERSISTENT_VOLUME_CLAIM.group_key:
        message = sentences(message, _USED)
    remedy = _remedy(ctx, kind, name, owned=owned)
    return Finding("ChildNotObserved", message, remedy, subject=f"{kind.kind}/{name}")


_USED = "The pods mount it, but the hooks will not modify or delete it"


def _remedy(ctx: Context[Any, Any], kind: Kind, name: str, *, owned: bool) -> str:
    if kind.group_key == PERSISTENT_VOLUME_CLAIM.group_key:
        return "set spec.storage.pvc.create to false, or choose another name"
    choose = "choose another name for one of the two"
    if owned:
        return choose
    mark = f"{OWNER_LABEL}={ctx.request.parent['metadata'].get('uid')}"
    adopt = f"kubectl label {kind.plural} {name} -n {ctx.namespace} --overwrite {mark}"
    return f"hand it over with {adopt}, or {choose}"


def stranger(ctx: Context[Any, Any], kind: Kind, name: str) -> Manifest | None:
    """Return the related object of another owner that has the name of a child, or None."""
    there = ctx.related_named(kind, name)
    if there is None or ctx.child(kind, name) is not None:
        return None
    owner = _controller(there)
    if owner is not None and owner.get("uid") == ctx.request.parent["metadata"].get("uid"):
        return None  # our own, and observed as a child in a moment
    return there


def _ownership(manifest: Manifest) -> str:
    owner = _controller(manifest)
    return f"belongs to {owner.get('kind')} {owner.get('name')}" if owner else "has no owner"


def _controller(manifest: Manifest) -> Manifest | None:
    owners = strict.mappings(manifest, "metadata", "ownerReferences")
    return next((each for each in owners if each.get("controller") is True), None)

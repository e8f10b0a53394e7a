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
from hooks.kernel.kind import PERSISTENT_VOLUME_CLAIM, SERVICE_ACCOUNT, Kind
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


def finding(
    ctx: Context[Any, Any], kind: Kind, name: str, *, unowned: bool = False
) -> Finding | None:
    """Return who has the name of a desired child, or None if the name is free.

    With ``unowned``, an object without an owner has its name, whatever its kind.
    """
    there = stranger(ctx, kind, name)
    if there is None:
        return None
    owned = _controller(there) is not None
    held = owned or unowned or kind.group_key in {each.group_key for each in ctx.UNOWNED}
    if not held:
        return None
    message = f"{kind.kind} {name} already exists and {_ownership(there)}"
    if kind.group_key == PERSISTENT_VOLUME_CLAIM.group_key:
        message = sentences(message, _USED)
    if kind.group_key == SERVICE_ACCOUNT.group_key:
        message = sentences(message, _UNUSED)
    remedy = _remedy(ctx, kind, name, owned=owned)
    return Finding("ChildNotObserved", message, remedy, subject=f"{kind.kind}/{name}")


_USED = "The pods mount it, but the hooks will not modify or delete it"
_UNUSED = "The hooks make no pods that run as it, because they do not know its rights"


def account(ctx: Context[Any, Any], name: str) -> Finding | None:
    """Return who else has the ServiceAccount of the pods, or None if it is free or ours."""
    found = finding(ctx, SERVICE_ACCOUNT, name)
    return found and found._replace(reason="ServiceAccountTaken")


def _remedy(ctx: Context[Any, Any], kind: Kind, name: str, *, owned: bool) -> str:
    if kind.group_key == PERSISTENT_VOLUME_CLAIM.group_key:
        return "set spec.storage.pvc.create to false, or choose another name"
    choose = "choose another name for one of the two"
    if owned:
        return choose
    parent = ctx.request.parent
    uid = parent["metadata"].get("uid") or f"UID_OF_THE_{parent['kind'].upper()}"
    mark = f"{OWNER_LABEL}={uid}"
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

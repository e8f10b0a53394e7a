"""Foreign: objects that have the name of a child and belong to somebody else.

Metacontroller shows a NIMService the children that are its own. Under dynamic apply it cannot make one whose name is taken;
under server-side apply it takes the object away from whom it belongs to, and with it the claim that holds their model. So the
objects whose names two NIMServices can share are asked for by name, and one that is somebody else's is left to them.
"""

from collections.abc import Iterator

from hooks.kernel.finding import Finding
from hooks.kernel.kind import Kind
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.context import Context


def names(nim: NIMService) -> Iterator[tuple[Kind, str]]:
    """Yield the objects whose names are chosen by users, or are those of an endpoint picker and of another NIMService at once.

    No others: Metacontroller holds each event of a kind that is asked for against every NIMService that asks for it.
    """
    if nim.spec.storage.pvc.create and nim.spec.storage.pvc.name:
        yield kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(nim)
    if naming.service(nim) != nim.name and not nim.kserve:
        yield kinds.SERVICE, naming.service(nim)
    if nim.spec.expose.router.epp_config is not None:
        yield from ((kind, naming.endpoint_picker(nim)) for kind in _OF_A_PICKER)
    if nim.name.endswith(naming.PICKER):
        yield from ((kind, nim.name) for kind in _OF_A_PICKER)


_OF_A_PICKER = (kinds.SERVICE_ACCOUNT, kinds.SERVICE, kinds.DEPLOYMENT)


def finding(ctx: Context, kind: Kind, name: str) -> Finding | None:
    """Return whose a child is that the NIMService wants and must not take, or None where it may be made."""
    there = ctx.related_named(kind, name)
    if there is None or ctx.child(kind, name) is not None:
        return None
    owner = next((each for each in there["metadata"].get("ownerReferences") or [] if each.get("controller") is True), None)
    if owner is None and kind != kinds.PERSISTENT_VOLUME_CLAIM:
        return None
    if owner is not None and owner.get("uid") == ctx.nim.metadata.uid:
        return None  # ours, and seen as such in a moment
    whose = f"belongs to {owner.get('kind')} {owner.get('name')}" if owner else "belongs to nobody, so it may hold somebody's data"
    if kind == kinds.PERSISTENT_VOLUME_CLAIM:
        what = "it is used and left as it is: name it without spec.storage.pvc.create, or choose another name"
    else:
        what = "it is left as it is: choose another name for one of the two"
    return Finding("ChildNotObserved", f"{kind.kind} {name} exists and {whose}; {what}")

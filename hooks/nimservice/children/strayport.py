"""Stray port: a port of a Service or a container with our name and a number changed by hand.

Both engines identify ports by number. They treat the renumbered port as somebody else's and add
ours beside it. The API server refuses two ports of one name, so no repair of the object would
succeed any more. The hooks therefore give the stray port a name of its own. Dynamic apply removes
it at the next sync, because the hooks now own it. Server-side apply keeps it, because somebody else
owns it, too.
"""

from collections.abc import Iterator

from hooks.kernel import lastapplied
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds
from hooks.nimservice.context import Context

_KEYS = {kinds.SERVICE: "port", kinds.DEPLOYMENT: "containerPort"}
_KINDS = {kind.kind: kind for kind in _KEYS}


def set_aside(ctx: Context, child: Manifest) -> Manifest:
    """Return a child with its observed stray ports, each under a name of its own."""
    kind = _KINDS.get(child["kind"])
    observed = ctx.child(kind, child["metadata"]["name"]) if kind else None
    if kind is None or observed is None:
        return child
    existing = _ports(kind, observed)
    for holder in _holders(kind, child):
        ours = holder.get("ports") or []
        numbers = {_number(kind, port) for port in ours}
        others = [
            port
            for port in existing.get(holder.get("name", ""), [])
            if _number(kind, port) not in numbers
        ]
        strays = _strays(ctx, kind, observed, holder, others) if others else []
        if strays:
            holder["ports"] = [*ours, *strays]
    return child


def _strays(
    ctx: Context, kind: Kind, observed: Manifest, holder: Manifest, others: list[Manifest]
) -> list[Manifest]:
    applied = _ports(kind, lastapplied.last_applied(observed, ctx.settings.field_manager)).get(
        holder.get("name", ""), []
    )
    known, names = (
        {_number(kind, port) for port in applied},
        {port.get("name") for port in holder.get("ports") or []},
    )
    dynamic = lastapplied.last_annotation(observed) is not None
    strays = []
    for port in others:
        aside = f"stray-{port[_KEYS[kind]]}"
        renumbered = _number(kind, port) not in known and port.get("name") in names
        if renumbered or (port.get("name") == aside and not dynamic):
            strays.append({**port, "name": aside})
    return strays


def _holders(kind: Kind, obj: Manifest) -> Iterator[Manifest]:
    """Yield the parts of an object that have ports: a Service's spec, or a pod's containers."""
    spec = obj.get("spec") or {}
    if kind is kinds.SERVICE:
        yield spec
    else:
        yield from ((spec.get("template") or {}).get("spec") or {}).get("containers") or []


def _ports(kind: Kind, obj: Manifest) -> dict[str, list[Manifest]]:
    return {holder.get("name", ""): holder.get("ports") or [] for holder in _holders(kind, obj)}


def _number(kind: Kind, port: Manifest) -> tuple[object, str]:
    return port.get(_KEYS[kind]), port.get("protocol") or "TCP"

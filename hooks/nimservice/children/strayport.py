"""Stray port: a port of a Service or a container that somebody renumbered by hand, and that still has the name of ours.

Both engines tell ports apart by their numbers: to them this one is somebody else's, so they put ours beside it. The API server
refuses two ports of one name, and then nothing of the object is repaired any more. Under a name of its own it stands in nobody's way.
Dynamic apply takes it away at the next sync, because it has become ours; under server-side apply it stays, because it is still
somebody else's too.
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
    """Return a child with the stray ports that are observed on it, each under a name that no port of ours has."""
    kind = _KINDS.get(child["kind"])
    observed = ctx.child(kind, child["metadata"]["name"]) if kind else None
    if kind is None or observed is None:
        return child
    there = _ports(kind, observed)
    for holder in _holders(kind, child):
        ours = holder.get("ports") or []
        numbers = {_number(kind, port) for port in ours}
        others = [
            port
            for port in there.get(holder.get("name", ""), [])
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
    """Yield what has ports in an object: a Service's spec, a pod's containers."""
    spec = obj.get("spec") or {}
    if kind is kinds.SERVICE:
        yield spec
    else:
        yield from ((spec.get("template") or {}).get("spec") or {}).get("containers") or []


def _ports(kind: Kind, obj: Manifest) -> dict[str, list[Manifest]]:
    return {holder.get("name", ""): holder.get("ports") or [] for holder in _holders(kind, obj)}


def _number(kind: Kind, port: Manifest) -> tuple[object, str]:
    return port.get(_KEYS[kind]), port.get("protocol") or "TCP"

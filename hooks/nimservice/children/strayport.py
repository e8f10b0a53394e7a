"""Stray port: a port of a Service or a container with our name and a number changed by hand.

Both engines identify ports by number. They treat the renumbered port as somebody else's and add
ours beside it. The API server refuses two ports of one name, so no repair of the object would
succeed any more. The hooks therefore give the stray port a name of its own. Dynamic apply removes
it at the next sync, because the hooks now own it. Server-side apply keeps it, because somebody else
owns it, too.
"""

from collections.abc import Iterator

from hooks.kernel import lastapplied, strict
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, number, spec, text
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
    existing = _ports(kind, _checked(kind, observed))
    for holder in _holders(kind, child):
        ours = mappings(holder.get("ports"))
        numbers = {_number(kind, port) for port in ours}
        others = [
            port
            for port in existing.get(text(holder.get("name")), [])
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
        text(holder.get("name")), []
    )
    known = {_number(kind, port) for port in applied}
    names = {text(port.get("name")) for port in mappings(holder.get("ports"))}
    dynamic = lastapplied.last_annotation(observed) is not None
    strays = []
    for port in others:
        aside = f"stray-{port[_KEYS[kind]]}"
        renumbered = _number(kind, port) not in known and text(port.get("name")) in names
        if renumbered or (port.get("name") == aside and not dynamic):
            strays.append({**port, "name": aside})
    return strays


def _holders(kind: Kind, obj: Manifest) -> Iterator[Manifest]:
    """Yield the parts of an object that have ports: a Service's spec, or a pod's containers."""
    if kind is kinds.SERVICE:
        yield spec(obj)
    else:
        yield from mappings(spec(mapping(spec(obj).get("template"))).get("containers"))


def _ports(kind: Kind, obj: Manifest) -> dict[str, list[Manifest]]:
    return {
        text(holder.get("name")): mappings(holder.get("ports")) for holder in _holders(kind, obj)
    }


def _number(kind: Kind, port: Manifest) -> tuple[int, str]:
    return number(port.get(_KEYS[kind])), text(port.get("protocol")) or "TCP"


def _checked(kind: Kind, observed: Manifest) -> Manifest:
    """Return an observed object; odd ports are refused, because ours are among them."""
    for path in _paths(kind, observed):
        for index, port in enumerate(strict.mappings(observed, *path)):
            if type(port.get(_KEYS[kind])) is not int:
                raise strict.odd(observed, (*path, index, _KEYS[kind]), "a whole number")
    return observed


def _paths(kind: Kind, observed: Manifest) -> Iterator[tuple[strict.Key, ...]]:
    """Yield where an observed object has ports."""
    if kind is kinds.SERVICE:
        yield "spec", "ports"
        return
    containers = ("spec", "template", "spec", "containers")
    for index in range(len(strict.mappings(observed, *containers))):
        yield *containers, index, "ports"

"""Stray port: a port of a Service or a container with our name and a number changed by hand.

Both engines identify ports by number. They treat the renumbered port as somebody else's and add
ours beside it. The API server refuses two ports of one name, so no repair of the object would
succeed any more. The hooks therefore give the stray port a name of its own. Dynamic apply removes
it at the next sync, because the hooks now own it. Server-side apply keeps it, because somebody else
owns it, too.
"""

from hooks.kernel import lastapplied, strict
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, number, spec, text
from hooks.nimservice import kinds
from hooks.nimservice.context import Context

_KINDS = {kind.kind: kind for kind in (kinds.SERVICE, kinds.DEPLOYMENT)}
_NUMBERS = {kinds.SERVICE.kind: "port", kinds.DEPLOYMENT.kind: "containerPort"}
"""The field with the number of a port, by kind."""

_CONTAINERS = ("spec", "template", "spec", "containers")


def set_aside(ctx: Context, child: Manifest) -> Manifest:
    """Return a child with its observed stray ports, each under a name of its own."""
    kind = _KINDS.get(child["kind"])
    observed = ctx.child(kind, child["metadata"]["name"]) if kind else None
    if observed is None:
        return child
    key, existing = _NUMBERS[child["kind"]], _existing(observed)
    for holder in _holders(child):
        ours = mappings(holder.get("ports"))
        numbers = {_number(port, key) for port in ours}
        others = [
            port
            for port in existing.get(text(holder.get("name")), ())
            if _number(port, key) not in numbers
        ]
        strays = _strays(ctx, observed, holder, others) if others else []
        if strays:
            holder["ports"] = [*ours, *strays]
    return child


def _strays(
    ctx: Context, observed: Manifest, holder: Manifest, others: list[Manifest]
) -> list[Manifest]:
    key, name = _NUMBERS[observed["kind"]], text(holder.get("name"))
    applied = lastapplied.last_applied(observed, ctx.settings.field_manager)
    known = {
        _number(port, key)
        for each in _holders(applied)
        if text(each.get("name")) == name
        for port in mappings(each.get("ports"))
    }
    names = {text(port.get("name")) for port in mappings(holder.get("ports"))}
    dynamic = lastapplied.last_annotation(observed) is not None
    strays = []
    for port in others:
        aside = f"stray-{port[key]}"
        renumbered = _number(port, key) not in known and text(port.get("name")) in names
        if renumbered or (port.get("name") == aside and not dynamic):
            strays.append({**port, "name": aside})
    return strays


def _holders(obj: Manifest) -> list[Manifest]:
    """Return the parts of an object that have ports: a Service's spec, or a pod's containers."""
    if obj["kind"] == kinds.SERVICE.kind:
        return [spec(obj)]
    return mappings(spec(mapping(spec(obj).get("template"))).get("containers"))


def _existing(observed: Manifest) -> dict[str, list[Manifest]]:
    """Return the ports of an observed object by holder; odd ports are refused: ours are there."""
    if observed["kind"] == kinds.SERVICE.kind:
        return {"": _checked(observed, "spec", "ports")}
    containers = strict.mappings(observed, *_CONTAINERS)
    return {
        text(each.get("name")): _checked(observed, *_CONTAINERS, index, "ports")
        for index, each in enumerate(containers)
    }


def _checked(observed: Manifest, *path: strict.Key) -> list[Manifest]:
    key, ports = _NUMBERS[observed["kind"]], strict.mappings(observed, *path)
    for index, port in enumerate(ports):
        if type(port.get(key)) is not int:
            raise strict.odd(observed, (*path, index, key), "a whole number")
    return ports


def _number(port: Manifest, key: str) -> tuple[int, str]:
    return number(port.get(key)), text(port.get("protocol")) or "TCP"

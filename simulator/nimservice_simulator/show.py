"""Show: what happened in a simulated cluster, and how it stands, as a person would want to read it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from hooks.cluster.api import Object
from hooks.nimservice import kinds
from nimservice_simulator.simulation import Moment

_VERBS = {"ADDED": "made", "MODIFIED": "changed", "DELETED": "removed"}
_QUIET = {"ReplicaSet", "Namespace"}
_FILTER = re.compile(r'\.(\w+)\[\?\(@\.(\w+)=="([^"]*)"\)\]')


def timeline(moments: Sequence[Moment], start: datetime) -> Iterator[str]:
    """Yield a line for everything worth telling: who did what, and each new thing that the status says."""
    told = [(moment, words) for moment in moments if (words := _words(moment))]
    for (time, who, verb), group in groupby(
        told, key=lambda each: (each[0].time, _who(each[0]), each[1][0])
    ):
        counts = Counter(words for _, (_, words) in group)
        what = ", ".join(
            words if count == 1 else f"{count} × {words}" for words, count in counts.items()
        )
        yield f"{(time - start).total_seconds():7.1f}s  {who:<16}  {verb:<8}  {what}"


def table(crd: Object, objects: Iterable[Object], now: datetime) -> Iterator[str]:
    """Yield the lines that ``kubectl get`` would show, after the printer columns of the CustomResourceDefinition."""
    columns = [
        each
        for each in crd["spec"]["versions"][0]["additionalPrinterColumns"]
        if not each.get("priority")
    ]
    rows = [["NAME", *(each["name"].upper() for each in columns)]]
    rows += [
        [each["metadata"]["name"], *(_cell(each, column, now) for column in columns)]
        for each in objects
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "   ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()


def description(nim: Object) -> Iterator[str]:
    """Yield what ``kubectl describe`` would show of the status."""
    yield f"Name:         {nim['metadata']['name']}"
    yield f"Namespace:    {nim['metadata']['namespace']}"
    yield f"API Version:  {nim['apiVersion']}"
    yield f"Kind:         {nim['kind']}"
    yield "Status:"
    yield from _described(nim.get("status") or {}, "  ")


def _who(moment: Moment) -> str:
    if moment.object["kind"] == kinds.NIM_SERVICE.kind and moment.manager == "metacontroller":
        return "status"
    if moment.type == "DELETED" and moment.object["metadata"].get("ownerReferences"):
        return "metacontroller"  # a deletion leaves no trace of who asked for it
    return "you" if moment.manager == "kubectl" else moment.manager.removesuffix("-controller")


def _words(moment: Moment) -> tuple[str, str] | None:
    new, old = moment.object, moment.old
    name = _name(new)
    if new["kind"] in _QUIET:
        return None
    if new["kind"] == kinds.NIM_SERVICE.kind:
        said = _said(new)
        if moment.manager == "metacontroller" and moment.type == "MODIFIED":
            return (said[0], f"{said[1]}: {said[2]}") if said and said != _said(old) else None
        return _VERBS[moment.type], name
    if moment.type == "MODIFIED":
        change = _phase(new)
        return ("sees", f"{name} {change}") if change and change != _phase(old) else None
    return _VERBS[moment.type], name


def _name(obj: Object) -> str:
    """Return kind and name; the kind alone where the name says nothing new."""
    owners = [owner["name"] for owner in obj["metadata"].get("ownerReferences") or []]
    return (
        obj["kind"]
        if obj["kind"] == "Pod" or obj["metadata"]["name"] in owners
        else f"{obj['kind']} {obj['metadata']['name']}"
    )


def _said(nim: Object | None) -> tuple[str, str, str] | None:
    status = (nim or {}).get("status") or {}
    ready = next((each for each in status.get("conditions") or [] if each["type"] == "Ready"), None)
    return (status.get("state", ""), ready["reason"], ready["message"]) if ready else None


def _phase(obj: Object | None) -> str:
    """Return how far a pod or a claim is, in one word or two."""
    status = (obj or {}).get("status") or {}
    if (obj or {}).get("kind") not in ("Pod", "PersistentVolumeClaim"):
        return ""
    for container in status.get("containerStatuses") or []:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason"):
            return str(waiting["reason"])
        if container.get("ready"):
            return "ready"
        if container.get("started"):
            return "started"
    return str(status.get("phase", ""))


def _cell(obj: Object, column: Object, now: datetime) -> str:
    value = _at(obj, column["jsonPath"])
    if value is None:
        return ""
    if column["type"] == "date":
        return _age((now - datetime.fromisoformat(str(value))).total_seconds())
    return str(value)


def _at(obj: Object, path: str) -> object:
    """Return the value at a path of the form that printer columns use."""
    value: object = obj
    for part in re.findall(r"\.\w+(?:\[[^\]]*\])?", path):
        found = _FILTER.match(part)
        value = (
            value.get(found.group(1) if found else part[1:]) if isinstance(value, dict) else None
        )
        if found and isinstance(value, list):
            value = next(
                (each for each in value if each.get(found.group(2)) == found.group(3)), None
            )
    return value


def _age(seconds: float) -> str:
    return f"{seconds:.0f}s" if seconds < 120 else f"{seconds // 60:.0f}m{seconds % 60:.0f}s"


def _described(value: object, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, below in value.items():
            title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key[:1].upper() + key[1:])
            if isinstance(below, dict | list):
                yield f"{indent}{title}:"
                yield from _described(below, indent + "  ")
            else:
                yield f"{indent}{title + ':':<22} {below}".rstrip()
    elif isinstance(value, list):
        for each in value:
            yield from _described(each, indent)
            yield ""

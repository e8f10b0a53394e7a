"""Show: the events and the state of a simulated cluster, for people."""

import json
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import NamedTuple

from hooks.cluster.api import Object, is_deleting, name_of
from hooks.kernel.observed import moment
from nimservice_simulator.simulation import Moment, Simulation

_VERBS = {"ADDED": "made", "MODIFIED": "changed", "DELETED": "removed"}
_QUIET = {"ReplicaSet", "Namespace", "Node"}
_FILTER = re.compile(r'\.(\w+)\[\?\(@\.(\w+)=="([^"]*)"\)\]')


class Told(NamedTuple):
    """One line of a timeline."""

    seconds: float
    """Since the start."""
    who: str
    verb: str
    """What somebody did, or the state that a parent reports."""
    what: str

    @property
    def line(self) -> str:
        """The line, however long."""
        return f"{self._start}{self.verb:<8}  {self.what}"

    def fitted(self, width: int, paint: Callable[[str], str] = str) -> str:
        """Return the line wrapped to a screen, with a hanging indent and a painted verb."""
        start = f"{self._start}{self.verb:<8} ".replace(" ", _FIXED)
        wrapped = textwrap.fill(
            f"{start} {self.what}",
            width,
            subsequent_indent=" " * _HANGING,
            break_long_words=False,
            break_on_hyphens=False,
        ).replace(_FIXED, " ")
        end = len(self._start) + len(self.verb)
        return "\n".join(
            line.rstrip() for line in f"{self._start}{paint(self.verb)}{wrapped[end:]}".splitlines()
        )

    @property
    def _start(self) -> str:
        return f"{self.seconds:7.1f}s  {self.who:<17} "


_FIXED = "\N{NO-BREAK SPACE}"
_HANGING = 11
"""The column of who did it."""


def timeline(simulation: Simulation) -> Iterator[str]:
    """Yield a line for each change that matters, however long; ``told`` has its parts."""
    yield from (each.line for each in told(simulation))


def told(simulation: Simulation) -> Iterator[Told]:
    """Yield each change that matters.

    It names the author, what an edit changed, and each new state that a parent reports.

    A report names its parent if there are several.
    """
    kinds = {controller.parent.kind for controller in simulation.loop.controllers}
    parents = {_ident(each.object) for each in simulation.timeline if each.object["kind"] in kinds}
    changes = [
        (moment, words)
        for moment in simulation.timeline
        if (words := _words(moment, kinds, named=len(parents) > 1))
    ]
    for (time, who, verb, _), group in groupby(changes, key=partial(_together, kinds)):
        counts = Counter(words for _, (_, words) in group)
        what = ", ".join(
            words if count == 1 else f"{count} × {words}" for words, count in counts.items()
        )
        yield Told((time - simulation.clock.start).total_seconds(), who, verb, what)


def _together(
    kinds: Collection[str], change: tuple[Moment, tuple[str, str]]
) -> tuple[datetime, str, str, str]:
    """Return what changes of one line have in common; a report has a line of its own."""
    moment, words = change
    who = _who(moment, kinds)
    return moment.time, who, words[0], words[1] if who == "status" else ""


def table(crd: Object, objects: Iterable[Object], now: datetime) -> Iterator[str]:
    """Yield the lines of ``kubectl get``, by the printer columns of the definition."""
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


def description(obj: Object) -> Iterator[str]:
    """Yield what ``kubectl describe`` would show of an object's status."""
    yield f"Name:         {obj['metadata']['name']}"
    yield f"Namespace:    {obj['metadata']['namespace']}"
    yield f"API Version:  {obj['apiVersion']}"
    yield f"Kind:         {obj['kind']}"
    yield "Status:"
    yield from _described(obj.get("status") or {}, "  ")


def _ident(obj: Object) -> tuple[str, str, str]:
    return obj["kind"], *name_of(obj)


def _of_parent(moment: Moment, parents: Collection[str]) -> bool:
    """Whether Metacontroller wrote to a parent.

    It writes a status, finalizers, or a child of another parent.
    """
    return moment.object["kind"] in parents and moment.manager == "metacontroller"


def _who(moment: Moment, parents: Collection[str]) -> str:
    if moment.type == "MODIFIED" and _of_parent(moment, parents):
        return "status"
    return "you" if moment.manager == "kubectl" else moment.manager.removesuffix("-controller")


def _words(moment: Moment, parents: Collection[str], *, named: bool) -> tuple[str, str] | None:
    new, old = moment.object, moment.old
    name = _name(new)
    if new["kind"] in _QUIET:
        return None
    if moment.type == "MODIFIED" and is_deleting(new) and not is_deleting(old or {"metadata": {}}):
        return "deletes", name
    if moment.type == "MODIFIED" and _of_parent(moment, parents):
        said = _said(new)
        if said is None or said == _said(old):
            return None
        state, reason, message = said
        return state, f"{name} {reason}: {message}" if named else f"{reason}: {message}"
    if moment.type == "MODIFIED" and new["kind"] not in parents:
        change = _phase(new)
        return ("sees", f"{name} {change}") if change and change != _phase(old) else None
    if moment.type == "MODIFIED" and old is not None:
        edits = ", ".join(_edits(old.get("spec"), new.get("spec"), "spec"))
        return (_VERBS[moment.type], f"{name}: {edits}") if edits else None
    return _VERBS[moment.type], name


def _edits(old: object, new: object, path: str) -> Iterator[str]:
    """Yield what an edit changed, field by field."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            yield from _edits(old.get(name), new.get(name), f"{path}.{name}")
    elif old is None:
        yield f"{path} set to {json.dumps(new)}"
    elif new is None:
        yield f"{path} removed"
    else:
        yield f"{path} from {json.dumps(old)} to {json.dumps(new)}"


def _name(obj: Object) -> str:
    """Return kind and name; the kind alone where the name says nothing new."""
    owners = [owner["name"] for owner in obj["metadata"].get("ownerReferences") or []]
    return (
        obj["kind"]
        if obj["kind"] == "Pod" or obj["metadata"]["name"] in owners
        else f"{obj['kind']} {obj['metadata']['name']}"
    )


def _said(parent: Object | None) -> tuple[str, str, str] | None:
    status = (parent or {}).get("status") or {}
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
        since = moment(value)
        return _age((now - since).total_seconds()) if since else ""
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

"""Edits: of every field of the spec, in NIMServices without and with it, and what becomes of
these."""

import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from hooks.cluster.api import Object, controller_of
from hooks.kernel import lastapplied, observed
from hooks.kernel.threeway import merge_key
from hooks.nimservice import kinds
from tests.control_plane.stage import UNSCHEDULED, Stage
from tests.fields import effect, table, tried
from tests.fields.row import ONE_NODE, PLATFORMS, Row

FIXED = re.compile(r"draResources\[].*|multiNode\..*|storage\.pvc\.(?!create$).*")
"""Fields that are not to be edited: devices, nodes, and a claim that was created."""

Result = dict[str, Any]
"""The values in the children and in the status of a NIMService, by their places."""

_BOOKKEEPING = (
    lastapplied.OWNER_LABEL,
    lastapplied.LAST_APPLIED,
    "deployment.kubernetes.io/revision",
)
"""Labels and annotations of Metacontroller and of the controller of Deployments."""


class Edit(NamedTuple):
    """Fields, a NIMService that they are tried in together, and the spec of that without and with
    them."""

    name: str
    fields: tuple[str, ...]
    before: Object
    after: Object
    restarts: bool
    """Whether the table of fields says that pods of the model change."""

    @property
    def fixed(self) -> bool:
        """Whether they may not be edited."""
        return all(map(FIXED.fullmatch, self.fields))


def every() -> list[Edit]:
    """Return edits of all fields on one node, and elsewhere of those of the pods and of those that
    have an effect only there.

    Each field of an edit changes something in its own right, so an answer that loses one differs.
    """
    return list(itertools.chain(*map(_of, PLATFORMS)))


def with_pods(platform: str) -> list[Edit]:
    """Return edits of all fields on a platform that may be edited, of NIMServices with pods."""
    return [
        Edit(
            name,
            tuple(fields),
            *_ready(fields, platform, name),
            _restarts(next(iter(fields)), platform),
        )
        for number, fields in enumerate(_together(table.ROWS, platform))
        for name in [f"{platform.lower().replace(' ', '-')}-{number}"]
        if not all(map(FIXED.fullmatch, fields))
    ]


def _ready(fields: dict[str, Row], platform: str, name: str) -> tuple[Object, Object]:
    """Return the specs without and with fields, for pods that wait for no volume."""
    before, after = (_apart(nim["spec"], name) for nim in tried.several(fields, platform))
    if not any(path.startswith("storage.") for path in fields):
        before, after = ({**spec, "storage": {"emptyDir": {}}} for spec in (before, after))
    return before, after


def _of(platform: str) -> Iterator[Edit]:
    rows = {
        path: row
        for path, row in table.ROWS.items()
        if platform == ONE_NODE or not row.beside or ONE_NODE in row.silent
    }
    for number, fields in enumerate(_together(rows, platform)):
        name = f"{platform.lower().replace(' ', '-')}-{number}"
        before, after = (_alone(nim["spec"], name) for nim in tried.several(fields, platform))
        yield Edit(name, tuple(fields), before, after, _restarts(next(iter(fields)), platform))


def _together(rows: dict[str, Row], platform: str) -> Iterator[dict[str, Row]]:
    """Yield fields that can be set together, as many as can: those that restart pods, and those
    that do not."""
    groups: dict[tuple[object, ...], list[dict[str, Row]]] = {}
    for path, row in rows.items():
        nims = tried.several({path: row}, platform)
        if platform in row.silent or tried.refused(*nims) or _invalid(nims[1]):
            continue
        apart = path == "inferencePlatform", bool(FIXED.fullmatch(path)), _restarts(path, platform)
        edits = groups.setdefault((str(row.beside), *apart), [])
        fitting = next((fields for fields in edits if _fits({path: row}, fields, platform)), None)
        if fitting is None:
            edits.append({path: row})
        else:
            fitting[path] = row
    yield from itertools.chain(*groups.values())


def _invalid(nim: Object) -> bool:
    """Whether the hooks refuse a spec: then nothing is made, and an edit holds what is there."""
    ready = observed.condition(tried.answer(nim), "Ready")
    return bool(ready.get("reason") == "InvalidSpec")


def _fits(one: dict[str, Row], others: dict[str, Row], platform: str) -> bool:
    """Tell whether a field can be set beside others, and then has an effect of its own."""
    both = tried.several(others | one, platform)
    return not tried.refused(*both) and tried.answer(both[1]) != tried.answer(
        tried.several(others, platform)[1]
    )


def _restarts(path: str, platform: str) -> bool:
    return any(
        re.fullmatch(r"\*\*(leader )?pods\*\*", where)
        for where in effect.of(table.LEAVES[path], table.ROWS[path], platform)
    )


def _alone(spec: Object, name: str) -> Object:
    """Return a spec with a Service of its own, and without pods where their number is not what it
    is about: they take time."""
    spec = _apart(spec, name)
    return (
        spec
        if spec.keys() & {"replicas", "scale", "inferencePlatform"}
        else {**spec, "replicas": 0}
    )


def _apart(spec: Object, name: str) -> Object:
    """Return a spec whose Service has the name of no other."""
    service = (spec.get("expose") or {}).get("service") or {}
    if "name" in service:
        service["name"] = f"{name}-api"
    return spec


def results(stage: Stage) -> dict[str, Result]:
    """Return what every NIMService of a stage has become, by its name, without what differs where
    the spec does not."""
    found = {
        nim["metadata"]["name"]: dict(_findings(nim))
        for nim in stage.cluster.list(kinds.NIM_SERVICE, stage.namespace)
    }
    for kind in filter(stage.cluster.served, kinds.MANAGED):
        for child in stage.cluster.list(kind, stage.namespace):
            if (owner := controller_of(child)) and owner["name"] in found:
                found[owner["name"]] |= dict(
                    _leaves(_content(child), f"{kind.kind} {child['metadata']['name']}", stage)
                )
    return {
        name: {
            place: value for place, value in result.items() if not _left_to_others(place, result)
        }
        for name, result in found.items()
    }


def _findings(nim: Object) -> Iterator[tuple[str, Any]]:
    """Yield what a status says of the spec; how far the pods are depends on when one looks."""
    status = nim.get("status") or {}
    for each in status.get("conditions") or []:
        if each["type"] not in ("Ready", "Failed", "Reconciling") and each["reason"] != UNSCHEDULED:
            yield f"status {each['type']}", each["message"]
    yield from (
        (f"status {field}", status[field])
        for field in ("selector", "draResourceStatuses")
        if field in status
    )


def _content(child: Object) -> Object:
    meta = {
        field: {
            key: value
            for key, value in (child["metadata"].get(field) or {}).items()
            if key not in _BOOKKEEPING
        }
        for field in ("labels", "annotations")
    }
    content = {
        key: value
        for key, value in child.items()
        if key not in ("apiVersion", "kind", "metadata", "status")
    }
    if child["kind"] == "Secret":
        content["data"] = dict.fromkeys(child["data"])  # its key is made at random
    return {**meta, **content}


def _leaves(value: Any, place: str, stage: Stage) -> Iterator[tuple[str, Any]]:
    """Yield the values in a value, with their places.

    Dynamic apply keeps the order that it finds in a list, and what an edit adds comes last. So
    where it can tell the entries of a list apart their order does not count.
    """
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _leaves(below, f"{place}.{key}", stage)
    elif isinstance(value, list) and value:
        key = merge_key(value) if stage.engine == "dynamic-apply" else None
        for index, below in enumerate(value):
            yield from _leaves(below, f"{place}[{below[key] if key else index}]", stage)
    else:
        yield (
            place,
            value.replace(stage.namespace, "NAMESPACE") if isinstance(value, str) else value,
        )


def _left_to_others(place: str, result: Result) -> bool:
    """Tell whether a value is the API server's choice, or the autoscaler's."""
    if re.fullmatch(r"Deployment \S+\.spec\.replicas", place):
        return any(each.startswith("HorizontalPodAutoscaler") for each in result)
    return bool(re.fullmatch(r"Service \S+\.spec\.(clusterIP.*|ports\[\w+]\.nodePort)", place))


def unlike(one: Result, other: Result) -> list[str]:
    """Return the places where two results differ."""
    return [
        place for place in sorted(one.keys() | other.keys()) if one.get(place) != other.get(place)
    ]

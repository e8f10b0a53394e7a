"""Effect: where it shows that a field is set, in a few words."""

import re
from collections.abc import Iterator

from hooks.kernel.document import JSON
from tests.fields import tried
from tests.fields.leaf import Leaf
from tests.fields.row import Row
from tests.situations import nimservice as situation

REFUSED, EVERYTHING, PODS = "refused", "all objects", "**pods**"

_INVALID = "InvalidSpec"
_WITH_PODS = ("Deployment", "LeaderWorkerSet", "InferenceService")

# What KServe's predictor says besides its pods.
_SCALING = {
    "minReplicas",
    "maxReplicas",
    "scaleMetric",
    "scaleMetricType",
    "scaleTarget",
    "autoScaling",
    "deploymentStrategy",
}


def of(leaf: Leaf, row: Row, platform: str) -> tuple[str, ...]:
    """Return where the effect of a field shows on a platform; nowhere is an empty answer."""
    without, having = tried.pair(leaf.path, row, platform)
    if tried.refused(without, having):
        return (REFUSED,)
    return between(leaf, tried.answer(without), tried.edited(without, having))


def between(leaf: Leaf, before: JSON, after: JSON) -> tuple[str, ...]:
    """Return where two answers differ, and which conditions name the field."""
    told, named = _told(before, after), _named(leaf, after)
    if _INVALID in {reason for reason, _ in _conditions(after).values()}:
        return tuple(dict.fromkeys((*told, *named)))  # what exists is held
    return tuple(dict.fromkeys((*_children(before, after), *told, *_status(before, after), *named)))


def _children(before: JSON, after: JSON) -> Iterator[str]:
    old, new = (
        {(each["kind"], each["metadata"]["name"]): each for each in answer["children"]}
        for answer in (before, after)
    )
    changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    if set(changed) == set(old) == set(new):
        pods = any(
            _split(kind, old[kind, name])[1] != _split(kind, new[kind, name])[1]
            for kind, name in changed
        )
        yield from (EVERYTHING, PODS) if pods else (EVERYTHING,)
        return
    for kind, name in changed:
        whose = "endpoint picker's " if name.startswith(f"{situation.NAME}-epp") else ""
        yield from (
            f"{whose}{part}" for part in _parts(kind, old.get((kind, name)), new.get((kind, name)))
        )


def _parts(kind: str, old: JSON | None, new: JSON | None) -> Iterator[str]:
    if old is None or new is None:
        if kind in _WITH_PODS:
            yield PODS
        yield kind
        return
    (others, pods), (new_others, new_pods) = _split(kind, old), _split(kind, new)
    changed = [role for role in pods if pods[role] != new_pods[role]]
    if changed:
        yield PODS if changed == list(pods) else f"**{changed[0]} pods**"
    if others != new_others:
        yield kind


def _split(kind: str, child: JSON) -> tuple[JSON, dict[str, JSON]]:
    """Return what a child says besides its pods, and its pods by their role."""
    spec = dict(child.get("spec") or {})
    match kind:
        case "Deployment":
            pods = {"": spec.pop("template")}
        case "LeaderWorkerSet":
            template = dict(spec.pop("leaderWorkerTemplate"))
            pods = {role: template.pop(f"{role}Template") for role in ("leader", "worker")}
            spec |= template
        case "InferenceService":
            predictor = spec.pop("predictor")
            pods = {"": {key: value for key, value in predictor.items() if key not in _SCALING}}
            # KServe copies both to the pods. What stands in the predictor goes before.
            pods[""] |= {
                key: {**(child["metadata"].get(key) or {}), **(predictor.get(key) or {})}
                for key in ("labels", "annotations")
            }
            spec |= {key: value for key, value in predictor.items() if key in _SCALING}
        case _:
            pods = {}
    return {**child, "spec": spec}, pods


def _told(before: JSON, after: JSON) -> Iterator[str]:
    old, new = _conditions(before), _conditions(after)
    yield from (
        f"condition `{(new.get(kind) or old[kind])[0]}`"
        for kind in sorted({*old, *new})
        if old.get(kind) != new.get(kind)
    )


def _status(before: JSON, after: JSON) -> Iterator[str]:
    if any(
        before["status"].get(name) != after["status"].get(name)
        for name in ("draResourceStatuses", "selector")
    ):
        yield "status"


def _named(leaf: Leaf, answer: JSON) -> Iterator[str]:
    """Yield the conditions that name the field, or the object that it is in."""
    path = leaf.field.replace("[]", "").split(".")
    names = "|".join(re.escape(".".join(path[:length])) for length in range(len(path), 1, -1))
    for reason, message in _conditions(answer).values():
        if re.search(rf"\b({names})(?![\w.])", re.sub(r"\[\d+]", "", message)):
            yield f"condition `{reason}`"


def _conditions(answer: JSON) -> dict[str, tuple[str, str]]:
    """Return reason and message by type of condition, but for those of a workload that is under
    way."""
    found = {
        each["type"]: (each["reason"], each["message"]) for each in answer["status"]["conditions"]
    }
    return {kind: said for kind, said in found.items() if said[0] != "Creating"}

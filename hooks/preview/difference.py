"""Difference: what applying a parent would change in each child, and which pods restart."""

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from hooks.cluster.api import Object, controller_of
from hooks.kernel import dynamicapply, lastapplied, resource, threeway
from hooks.kernel.crd import admission
from hooks.kernel.kind import Kind
from hooks.kernel.observed import annotations, mapping
from hooks.kernel.protocol import HookRequest
from hooks.kernel.yamltext import dumped
from hooks.nimservice import kinds
from hooks.nimservice.api import kserve
from hooks.preview.grouped import grouped, ident, namespace
from hooks.preview.installation import SERVED, controller
from hooks.resources import Settings

_SYSTEM = (
    "managedFields",
    "resourceVersion",
    "uid",
    "generation",
    "creationTimestamp",
    "ownerReferences",
    "selfLink",
)
_TEMPLATES = {
    kinds.DEPLOYMENT.kind: ("spec", "template"),
    kinds.LEADER_WORKER_SET.kind: ("spec", "leaderWorkerTemplate"),
    kinds.INFERENCE_SERVICE.kind: ("spec", "predictor"),
}
_BESIDE_PODS = {"size", *kserve.SCALING, "deploymentStrategy"}
"""What stands beside the pods in these parts, and restarts none."""


@dataclass(frozen=True)
class Change:
    """What happens to one child."""

    action: Literal["create", "update", "delete"]
    kind: str
    name: str
    lines: tuple[str, ...]
    """A unified diff of the child as YAML."""
    restarts: bool
    """Whether running pods are replaced."""
    depends: bool = False
    """Whether that depends on KServe's list of what it does not copy, and nothing tells of it."""


@dataclass(frozen=True)
class Difference:
    """What applying a parent would change."""

    parent: Object
    """The parent, as it would be."""
    changes: tuple[Change, ...]
    status: Object
    """The status that the hooks would write."""
    desired: tuple[Object, ...]
    """The children in the answer of the hooks."""
    new: bool
    """Whether the parent is not among the observed objects, so that applying it makes it."""


def family(
    parent: Object,
    observed: Iterable[Object],
    settings: Settings,
    *,
    now: datetime,
    without: Collection[str] = (),
) -> Iterator[Difference]:
    """Yield what applying a parent would change, then the same for each child that is a parent."""
    everything = list(observed)
    # A file lacks what its definition defaults.
    parent = {**parent, "spec": admission.stored(parent).get("spec")}
    found = of(parent, everything, settings, now=now, without=without)
    yield found
    for child in found.desired:
        if child["kind"] in SERVED:
            live = next((each for each in everything if ident(each) == ident(child)), None)
            after = _updated(live, child, settings.field_manager) if live else child
            yield from family(after, everything, settings, now=now, without=without)


def of(
    parent: Object,
    observed: Iterable[Object],
    settings: Settings,
    *,
    now: datetime,
    without: Collection[str] = (),
) -> Difference:
    """Return what applying a parent would change in a cluster with the observed objects.

    The live parent is among them, if there is one.
    """
    everything, served = list(observed), SERVED[parent["kind"]]
    live = next((each for each in everything if ident(each) == ident(parent)), None)
    children = [each for each in everything if _belongs(each, parent, live)]
    answer = resource.sync(
        served, _request(_edited(parent, live), children, everything, without), settings, now
    ).body
    desired = {ident(child): child for child in answer["children"]}
    here = {ident(child): child for child in children}
    manager = settings.field_manager
    changes = [
        _change(served.context.CHILDREN, desired.get(ident), here.get(ident), manager)
        for ident in sorted(desired.keys() | here.keys())
    ]
    changes = [each and _copied(each, here, everything) for each in changes]
    gone = [here[each] for each in sorted(here.keys() - desired.keys())]
    changes += [change for child in gone for change in _taken_along(child, everything, manager)]
    made = tuple(change for change in changes if change)
    return Difference(parent, made, answer["status"], tuple(answer["children"]), new=live is None)


def _edited(parent: Object, live: Object | None) -> Object:
    """Return a parent as the API server would store it: a new spec is a new generation."""
    if live is None:
        return parent
    generation = live["metadata"].get("generation", 1) + (live.get("spec") != parent.get("spec"))
    return {
        **parent,
        "metadata": {**live["metadata"], "generation": generation},
        "status": live.get("status") or {},
    }


def _request(
    parent: Object, children: list[Object], everything: list[Object], without: Collection[str]
) -> HookRequest:
    served = SERVED[parent["kind"]]
    managed: dict[str, dict[str, Object]] = {
        kind.group_key: {} for kind in served.context.CHILDREN if kind.kind not in without
    }
    groups = {**managed, **grouped(children)}
    return HookRequest(parent, groups, grouped(everything), controller(without, served))


def _taken_along(parent: Object, everything: list[Object], manager: str) -> Iterator[Change]:
    """Yield the deletion of all that goes with a child that is a parent itself."""
    if parent["kind"] not in SERVED:
        return
    managed = SERVED[parent["kind"]].context.CHILDREN
    children = (each for each in everything if _belongs(each, parent, parent))
    for child in sorted(children, key=ident):
        if change := _change(managed, None, child, manager):
            yield change
        yield from _taken_along(child, everything, manager)


def _belongs(child: Object, parent: Object, live: Object | None) -> bool:
    """Whether an observed object is a child; a saved parent may lack its uid, but not its name."""
    owner = controller_of(child)
    made = SERVED[parent["kind"]].context.CHILDREN
    if owner is None or child["kind"] not in {kind.kind for kind in made}:
        return False
    if namespace(child) != namespace(parent):
        return False
    if live is not None and live["metadata"].get("uid"):
        return bool(owner.get("uid") == live["metadata"]["uid"])
    return (owner.get("kind"), owner.get("name")) == (parent["kind"], parent["metadata"]["name"])


def _change(
    managed: tuple[Kind, ...], desired: Object | None, observed: Object | None, manager: str
) -> Change | None:
    child = desired or observed
    assert child is not None  # noqa: S101 - the identity comes from one of the two
    before, after = observed, desired
    if desired and observed:
        strategy = next(
            (kind.strategy for kind in managed if kind.kind == child["kind"]), "InPlace"
        )
        after = observed if strategy == "OnDelete" else _updated(observed, desired, manager)
    lines = tuple(_diff(before, after))
    if not lines:
        return None
    action: Literal["create", "update", "delete"] = (
        "update" if before and after else "create" if after else "delete"
    )
    return Change(
        action,
        child["kind"],
        child["metadata"]["name"],
        lines,
        template(before) not in (None, template(after)),
    )


def _copied(
    change: Change, here: dict[tuple[str, str], Object], everything: list[Object]
) -> Change:
    """Return a change with what becomes of KServe's pods, if it copies the record of the edit."""
    live = next((each for each in here.values() if _is(each, change.kind, change.name)), None)
    if change.action != "update" or change.kind != kinds.INFERENCE_SERVICE.kind or live is None:
        return change
    if change.restarts or not _records(live):
        return change
    name, space = f"{change.name}-predictor", namespace(live)
    for each in everything:
        if _is(each, kinds.DEPLOYMENT.kind, name) and namespace(each) == space:
            return replace(change, restarts=_records(mapping(template(each))))
    return replace(change, depends=True)


def _is(obj: Object, kind: str, name: str) -> bool:
    return bool(obj["kind"] == kind and obj["metadata"]["name"] == name)


def _records(obj: Object) -> bool:
    """Whether an object has an annotation that changes with each edit."""
    return any(key in annotations(obj) for key in kserve.RECORDS)


def _updated(observed: Object, desired: Object, manager: str) -> Object:
    """Return a child after an update by the engine that applied it before."""
    if lastapplied.last_annotation(observed) is not None:
        return dynamicapply.updated(observed, desired)
    return threeway.merged(observed, lastapplied.last_applied(observed, manager), desired)


def template(workload: Object | None) -> Any:
    """Return the part of a workload whose changes restart pods, or None for other kinds."""
    kind = (workload or {}).get("kind", "")
    value: Any = workload
    for part in _TEMPLATES.get(kind, ("none",)):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, dict):
        return None
    pods = {key: each for key, each in value.items() if key not in _BESIDE_PODS}
    if workload and kind == kinds.INFERENCE_SERVICE.kind:
        # KServe copies both to the pods. What stands in the predictor goes before.
        copied = {
            "labels": {**_labels(workload), **(pods.pop("labels", None) or {})},
            "annotations": {**_annotations(workload), **(pods.pop("annotations", None) or {})},
        }
        pods["metadata"] = {key: each for key, each in copied.items() if each}
    return pods


def _annotations(manifest: Object) -> Object:
    """Return annotations without the record of what was applied."""
    given = manifest["metadata"].get("annotations") or {}
    return {key: value for key, value in given.items() if key != lastapplied.LAST_APPLIED}


def _labels(manifest: Object) -> Object:
    """Return labels without the one that Metacontroller sets."""
    given = manifest["metadata"].get("labels") or {}
    return {key: value for key, value in given.items() if key != lastapplied.OWNER_LABEL}


def _diff(before: Object | None, after: Object | None) -> Iterator[str]:
    name = f"{(before or after or {})['kind']}/{(before or after or {})['metadata']['name']}"
    return difflib.unified_diff(
        _lines(before), _lines(after), f"{name} (live)", f"{name} (applied)", lineterm=""
    )


def _lines(manifest: Object | None) -> list[str]:
    if manifest is None:
        return []
    metadata = {
        **{key: value for key, value in manifest["metadata"].items() if key not in _SYSTEM},
        "annotations": _annotations(manifest),
        "labels": _labels(manifest),
    }
    shown = {
        **manifest,
        "metadata": {key: value for key, value in metadata.items() if value},
    }
    shown.pop("status", None)
    if shown["kind"] == kinds.SECRET.kind:
        shown.pop("stringData", None)  # the same keys as in data
        shown["data"] = dict.fromkeys(shown.get("data") or {}, "(not shown)")
    return dumped(shown).splitlines()

"""Plan: what happens to every child of a NIMService that migrates, and the writes it takes."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from hooks.cluster.api import Object, is_deleting, name_of
from hooks.kernel import dynamicapply, lastapplied
from hooks.kernel.owner import owner_reference
from hooks.kernel.values import copied
from hooks.migration import operator, record, words
from hooks.nimservice import kinds
from hooks.preview import difference
from hooks.preview.difference import Change
from hooks.resources import Settings

Action = Literal["keep", "update", "create", "delete", "leave"]

_STRATEGY = {kind.kind: kind.strategy for kind in kinds.MANAGED}
_OPENSHIFT = {kinds.ROLE.kind, kinds.ROLE_BINDING.kind}
_UNMANAGED = (
    "this installation does not manage its kind; Kubernetes deletes it together with its NIMService"
)


@dataclass(frozen=True)
class Step:
    """What happens to one child."""

    action: Action
    kind: str
    name: str
    why: tuple[str, ...] = ()
    """The differences, or the reason for the action, as phrases."""
    restarts: tuple[str, ...] = ()
    """The differences in its pod template; empty if its pods keep running."""
    waits: bool = False
    """Whether its pods restart only after ``kubectl rollout resume``."""


@dataclass(frozen=True)
class Write:
    """A merge patch of one object."""

    target: Object
    patch: Object
    what: str


@dataclass(frozen=True)
class Migration:
    """What happens to one NIMService."""

    nim: Object
    steps: tuple[Step, ...]
    writes: tuple[Write, ...]
    remark: str = ""
    """Why nothing happens, or what its status will report."""


def of(  # noqa: PLR0913 - most are keyword arguments
    nim: Object,
    everything: Iterable[Object],
    settings: Settings,
    *,
    now: datetime,
    without: Collection[str] = (),
    pause: bool = False,
) -> Migration:
    """Return the migration of a NIMService in a cluster with the observed objects."""
    if is_deleting(nim):
        return Migration(nim, (), (), "is being deleted; let NVIDIA's operator finish that first")
    objects = [
        each
        for each in everything
        if each["metadata"].get("namespace") == nim["metadata"].get("namespace")
    ]
    children = operator.children(nim, objects)
    managed = [_owned(child, nim) for child in children if child["kind"] not in without]
    others = [each for each in objects if not any(each is child for child in children)]
    first = difference.of(nim, [*managed, *others], settings, now=now, without=without)
    wanted = {(child["kind"], child["metadata"]["name"]): child for child in first.desired}
    patches = [
        (child, _patch(child, wanted.get(_ident(child)), nim, settings)) for child in children
    ]
    prepared = {_ident(child): merged(_owned(child, nim), patch) for child, patch in patches}
    found = difference.of(
        nim,
        [*(prepared[_ident(child)] for child in managed), *others],
        settings,
        now=now,
        without=without,
    )
    changes = {(change.kind, change.name): change for change in found.changes}
    desired = {(child["kind"], child["metadata"]["name"]): child for child in found.desired}
    steps = [
        _step(child, changes.get(_ident(child)), desired, prepared, pause=pause)
        for child in children
    ]
    steps += [
        Step("create", change.kind, change.name)
        for change in found.changes
        if change.action == "create"
    ]
    if pause:
        waiting = {(step.kind, step.name) for step in steps if step.waits}
        patches = [
            (child, {**patch, "spec": {"paused": True}} if _ident(child) in waiting else patch)
            for child, patch in patches
        ]
    writes = [Write(child, patch, _what(patch)) for child, patch in patches if patch]
    return Migration(nim, tuple(steps), (*writes, *_finalizer(nim)), _refused(found.status))


def merged(obj: Object, patch: Object) -> Object:
    """Return an object with a merge patch applied, like the API server."""
    new = copied(obj)
    for key, value in patch.items():
        if value is None:
            new.pop(key, None)
        else:
            new[key] = merged(new.get(key) or {}, value) if isinstance(value, dict) else value
    return new


def _patch(child: Object, desired: Object | None, nim: Object, settings: Settings) -> Object:
    """Return the patch that lets Metacontroller adopt a child: its label, and a record if needed.

    A child that is updated in place needs the record of what was applied.
    """
    uid = nim["metadata"].get("uid") or ""
    metadata: Object = {}
    if operator.labels(child).get(lastapplied.OWNER_LABEL) != uid:
        metadata["labels"] = {lastapplied.OWNER_LABEL: uid}
    if desired is not None and _STRATEGY[child["kind"]] == "InPlace":
        metadata |= record.of(child, desired, settings.field_manager)
    if not metadata:
        return {}
    # With the version, a child that changed after it was read is refused; the next call reads it.
    version = child["metadata"].get("resourceVersion")
    return {"metadata": {**({"resourceVersion": version} if version else {}), **metadata}}


def _step(
    child: Object,
    change: Change | None,
    desired: dict[Any, Object],
    prepared: dict[Any, Object],
    *,
    pause: bool,
) -> Step:
    ident = _ident(child)
    if ident not in desired:
        if change is None:
            return Step("leave", *ident, (_UNMANAGED,))
        return Step(
            "delete",
            *ident,
            (_unwanted(child),),
            ("its pods are stopped",) if change.restarts else (),
        )
    if change is None:
        kept = (
            "unchanged; the hooks never update this kind"
            if _STRATEGY[child["kind"]] == "OnDelete"
            else "unchanged"
        )
        return Step("keep", *ident, (kept,))
    before, after = prepared[ident], dynamicapply.updated(prepared[ident], desired[ident])
    templates = difference.template(before), difference.template(after)
    pods = tuple(words.differences(*templates)) if change.restarts else ()
    waits = pause and bool(pods) and child["kind"] == kinds.DEPLOYMENT.kind
    around = tuple(words.differences(_shown(before), _shown(after)))
    return Step("update", *ident, around, pods, waits)


def _shown(obj: Object) -> Object:
    """Return the part of a child that a person reads, without its pod template."""
    annotations = {
        key: each
        for key, each in (obj["metadata"].get("annotations") or {}).items()
        if key != lastapplied.LAST_APPLIED
    }
    body = {key: each for key, each in obj.items() if key not in ("status", "metadata", "spec")}
    spec = {
        key: each
        for key, each in (obj.get("spec") or {}).items()
        if key not in ("template", "leaderWorkerTemplate", "predictor")
    }
    return {
        **body,
        "metadata": {"labels": operator.labels(obj), "annotations": annotations},
        "spec": spec,
    }


def _unwanted(child: Object) -> str:
    if child["kind"] in _OPENSHIFT:
        return (
            "it only allows the pods to use an SCC of OpenShift; "
            "on OpenShift, install the component openshift"
        )
    return "the hooks do not make it for this spec"


def _finalizer(nim: Object) -> Iterator[Write]:
    left = [each for each in operator.finalizers(nim) if each != operator.FINALIZER]
    if left != operator.finalizers(nim):
        yield Write(
            nim, {"metadata": {"finalizers": left}}, f"without the finalizer {operator.FINALIZER}"
        )


def _what(patch: Object) -> str:
    metadata = patch.get("metadata") or {}
    parts = [f"label {lastapplied.OWNER_LABEL}"] if "labels" in metadata else []
    parts += ["record of what was applied"] if "annotations" in metadata else []
    return ", ".join([*parts, *(["paused"] if "spec" in patch else [])])


def _refused(status: Object) -> str:
    ready = status["conditions"][0]
    return (
        f"will be Failed, and the hooks will hold its children: {ready['message']}"
        if status["state"] == "Failed"
        else ""
    )


def _owned(child: Object, nim: Object) -> Object:
    """Return a child as Metacontroller sees it: a released child gets its owner back."""
    if not operator.released(child):
        return child
    owners = [*(child["metadata"].get("ownerReferences") or []), owner_reference(nim)]
    return {**child, "metadata": {**child["metadata"], "ownerReferences": owners}}


def _ident(child: Object) -> tuple[str, str]:
    return child["kind"], name_of(child)[1]

"""Plan: what becomes of every child of a NIMService when the hooks take it over, and what is written for that."""

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


@dataclass(frozen=True)
class Step:
    """What becomes of one child."""

    action: Action
    kind: str
    name: str
    why: tuple[str, ...] = ()
    """What differs, or why it is so, in words."""
    restarts: tuple[str, ...] = ()
    """What differs in its pods, so that they are replaced; empty where they run on."""
    waits: bool = False
    """Whether they are replaced only when a person lets the rollout go on."""


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
    """Why nothing is done, or what the hooks will say of it."""


def of(  # noqa: PLR0913 - all but the objects have a name
    nim: Object,
    everything: Iterable[Object],
    settings: Settings,
    *,
    now: datetime,
    without: Collection[str] = (),
    pause: bool = False,
) -> Migration:
    """Return what becomes of a NIMService in a cluster that holds the observed objects."""
    if is_deleting(nim):
        return Migration(nim, (), (), "is being deleted: let NVIDIA's operator finish that first")
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
    """Return an object with a merge patch applied, as the API server does it."""
    new = copied(obj)
    for key, value in patch.items():
        if value is None:
            new.pop(key, None)
        else:
            new[key] = merged(new.get(key) or {}, value) if isinstance(value, dict) else value
    return new


def _patch(child: Object, desired: Object | None, nim: Object, settings: Settings) -> Object:
    """Return what a child needs so that Metacontroller keeps it: its label, and where it is updated in place a record."""
    uid = nim["metadata"].get("uid") or ""
    metadata: Object = {}
    if operator.labels(child).get(lastapplied.OWNER_LABEL) != uid:
        metadata["labels"] = {lastapplied.OWNER_LABEL: uid}
    if desired is not None and _STRATEGY[child["kind"]] == "InPlace":
        metadata |= record.of(child, desired, settings.field_manager)
    if not metadata:
        return {}
    # Fields are counted as they were read; a child that changes meanwhile is read again by the next call.
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
            return Step(
                "leave",
                *ident,
                ("this installation does not manage its kind: it goes with its NIMService",),
            )
        return Step(
            "delete",
            *ident,
            (_unwanted(child),),
            ("its pods are stopped",) if change.restarts else (),
        )
    if change is None:
        once = (
            "as it is: such objects are never rewritten"
            if _STRATEGY[child["kind"]] == "OnDelete"
            else "as it is"
        )
        return Step("keep", *ident, (once,))
    before, after = prepared[ident], dynamicapply.updated(prepared[ident], desired[ident])
    pods = tuple(_in_pods(before, after)) if change.restarts else ()
    waits = pause and bool(pods) and child["kind"] == kinds.DEPLOYMENT.kind
    return Step("update", *ident, tuple(_around_pods(before, after)), pods, waits)


def _in_pods(before: Object, after: Object) -> Iterator[str]:
    for phrase in words.differences(difference.template(before), difference.template(after)):
        yield " ".join(part for part in phrase.split(" ") if part not in ("metadata", "spec"))


def _around_pods(before: Object, after: Object) -> Iterator[str]:
    old, new = _shown(before), _shown(after)
    for phrase in words.differences(old, new):
        yield phrase.removeprefix("metadata ").removeprefix("spec ")


def _shown(obj: Object) -> Object:
    """Return what a person reads of a child, without its pods."""
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
        return "by it the pods may use an SCC of OpenShift, and nothing else; on OpenShift install the component openshift"
    return "the hooks make none of this name for this spec"


def _finalizer(nim: Object) -> Iterator[Write]:
    left = [each for each in operator.finalizers(nim) if each != operator.FINALIZER]
    if left != operator.finalizers(nim):
        yield Write(
            nim, {"metadata": {"finalizers": left}}, f"without the finalizer {operator.FINALIZER}"
        )


def _what(patch: Object) -> str:
    metadata = patch.get("metadata") or {}
    said = [f"label {lastapplied.OWNER_LABEL}"] if "labels" in metadata else []
    said += ["record of what was applied"] if "annotations" in metadata else []
    return ", ".join([*said, *(["paused"] if "spec" in patch else [])])


def _refused(status: Object) -> str:
    ready = status["conditions"][0]
    return (
        f"will be Failed, and its children held as they are: {ready['message']}"
        if status["state"] == "Failed"
        else ""
    )


def _owned(child: Object, nim: Object) -> Object:
    """Return a child as Metacontroller sees it: one that was released is taken back."""
    if not operator.released(child):
        return child
    owners = [*(child["metadata"].get("ownerReferences") or []), owner_reference(nim)]
    return {**child, "metadata": {**child["metadata"], "ownerReferences": owners}}


def _ident(child: Object) -> tuple[str, str]:
    return child["kind"], name_of(child)[1]

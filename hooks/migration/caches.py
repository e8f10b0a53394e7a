"""Caches: lets the hooks manage NIMCaches of NVIDIA's operator, and the way back.

What is downloaded stays, and what is being downloaded goes on: the claim and the operator's Job get
Metacontroller's label. The Job gets the tags of its profiles, too, which the operator keeps in a
ConfigMap that the hooks do not read.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from hooks.cluster.api import Object, controller_of, is_deleting
from hooks.kernel import lastapplied
from hooks.kernel.observed import mapping, mappings, status, text, texts
from hooks.migration import operator, record
from hooks.migration.back import FINALIZER as HELD
from hooks.migration.plan import Migration, Step, Write, merged
from hooks.nimcache import choice, kinds, naming
from hooks.nimcache.choice import Choice
from hooks.nimcache.report import modelmanifest
from hooks.nimservice.kinds import CONFIG_MAP
from hooks.preview import difference
from hooks.resources import Settings

FINALIZER = "finalizer.nimcache.apps.nvidia.com"

_CLAIM, _JOB = kinds.PERSISTENT_VOLUME_CLAIM.kind, kinds.JOB.kind
_FILE = "model_manifest.yaml"


def found(everything: Iterable[Object]) -> list[Object]:
    """Return the NIMCaches that still have to migrate."""
    objects = list(everything)
    return [
        each
        for each in _caches(objects)
        if FINALIZER in operator.finalizers(each)
        or any(not _labelled(child, each) for child in _children(each, objects))
    ]


def managed(everything: Iterable[Object]) -> list[Object]:
    """Return the NIMCaches that Metacontroller manages, or that were prepared for it."""
    objects = list(everything)
    return [
        each
        for each in _caches(objects)
        if _held(each) or any(_labelled(child, each) for child in _children(each, objects))
    ]


def of(
    cache: Object, everything: Iterable[Object], settings: Settings, *, now: datetime
) -> Migration:
    """Return the migration of a NIMCache in a cluster with the observed objects."""
    if is_deleting(cache):
        remark = "is being deleted; let NVIDIA's operator finish that first"
        return Migration(cache, (), (), remark)
    objects = list(everything)
    children = _children(cache, objects)
    patches = [(child, _patch(child, cache, objects, settings)) for child in children]
    prepared = [merged(child, patch) for child, patch in patches]
    others = [each for each in objects if not any(each is child for child in children)]
    answer = difference.of(cache, [*prepared, *others], settings, now=now)
    steps = [_step(child, answer.desired) for child in prepared]
    steps += [
        Step("create", change.kind, change.name)
        for change in answer.changes
        if change.action == "create"
    ]
    steps += _left(cache, objects)
    writes = [Write(child, patch, _what(patch)) for child, patch in patches if patch]
    return Migration(cache, tuple(steps), (*writes, *_finalizer(cache)), _remark(cache, answer))


def back(cache: Object, everything: Iterable[Object]) -> tuple[list[Write], list[str]]:
    """Return the writes that let the operator manage a NIMCache, and remarks for a person."""
    if is_deleting(cache):
        return [], ["is being deleted; let the hooks finish that first"]
    children = [each for each in _children(cache, everything) if _labelled(each, cache)]
    return [*_returned(cache, children)], [*_remarks(children)]


def _patch(child: Object, cache: Object, objects: list[Object], settings: Settings) -> Object:
    """Return the patch by which Metacontroller adopts a child, and the hooks know what it holds."""
    metadata: Object = {}
    if not _labelled(child, cache):
        metadata["labels"] = {lastapplied.OWNER_LABEL: cache["metadata"].get("uid") or ""}
    if child["kind"] == _CLAIM:
        metadata |= record.of(child, child, settings.field_manager)
    elif (noted := _noted(child, cache, objects)) is not None:
        metadata["annotations"] = noted
    if not metadata:
        return {}
    # With the version, a child that changed after it was read is refused; the next call reads it.
    version = child["metadata"].get("resourceVersion")
    return {"metadata": {**({"resourceVersion": version} if version else {}), **metadata}}


def _noted(job: Object, cache: Object, objects: list[Object]) -> dict[str, str] | None:
    """Return what a download of the operator's would carry if it were of the hooks."""
    annotations = mapping(job["metadata"].get("annotations"))
    names = _profiles(job)
    if naming.CHOSEN in annotations or not names:
        return None
    manifest = _manifest(cache, objects)
    try:
        catalogue = modelmanifest.parse(manifest) if manifest else None
    except modelmanifest.Unreadable:
        return None
    chosen = [catalogue.named(name) for name in names] if catalogue else []
    known = [each for each in chosen if each is not None]
    if len(known) < len(names) or not known:
        return None
    made = choice.of_profiles(known)
    return {naming.CHOSEN: choice.note(Choice(_type(cache), made.profiles, made.names))}


def _profiles(job: Object) -> list[str]:
    """Return the profiles that a download of the operator's takes; none if it takes all."""
    containers = mappings(
        mapping(mapping(job["spec"].get("template")).get("spec")).get("containers")
    )
    arguments: list[str] = texts(containers[0].get("args")) if containers else []
    return arguments[1:] if arguments[:1] == ["--profiles"] else []


def _manifest(cache: Object, objects: list[Object]) -> str:
    name = f"{cache['metadata']['name']}-manifest"
    there = next((each for each in objects if _is(each, CONFIG_MAP.kind, name, cache)), {})
    return text(mapping(there.get("data")).get(_FILE))


def _step(child: Object, desired: Iterable[Object]) -> Step:
    kind, name = child["kind"], child["metadata"]["name"]
    kept = any(each["kind"] == kind and each["metadata"]["name"] == name for each in desired)
    if kind == _CLAIM:
        return Step("keep", kind, name, ("unchanged, with the model",))
    if not kept:
        return Step("delete", kind, name, ("it has ended",))
    if not _profiles(child) or naming.CHOSEN in mapping(child["metadata"].get("annotations")):
        return Step("keep", kind, name, ("unchanged; a running download goes on",))
    lost = (
        "unchanged; the tags of its profiles are unknown, so NIMServices have to say how many GPUs "
        "they need"
    )
    return Step("keep", kind, name, (lost,))


def _left(cache: Object, objects: list[Object]) -> Iterator[Step]:
    name = cache["metadata"]["name"]
    for kind, suffix, why in (
        ("Pod", "pod", "the operator's probe; delete it once the operator is stopped"),
        (CONFIG_MAP.kind, "manifest", "not needed; Kubernetes deletes it with its NIMCache"),
    ):
        if any(_is(each, kind, f"{name}-{suffix}", cache) for each in objects):
            yield Step("leave", kind, f"{name}-{suffix}", (why,))


def _is(obj: Object, kind: str, name: str, cache: Object) -> bool:
    metadata = obj["metadata"]
    return (obj["kind"], metadata["name"], metadata.get("namespace")) == (
        kind,
        name,
        cache["metadata"].get("namespace"),
    )


def _remark(cache: Object, answer: difference.Difference) -> str:
    before, after = status(cache).get("state") or "without a state", answer.status["state"]
    return (
        f"{before}, and then {after}; nothing is downloaded again"
        if (after in ("Ready", "InProgress", "Started"))
        else f"{before}, and then {after}: {answer.status['conditions'][0]['message']}"
    )


def _what(patch: Object) -> str:
    metadata = patch["metadata"]
    parts = [f"label {lastapplied.OWNER_LABEL}"] if "labels" in metadata else []
    if naming.CHOSEN in metadata.get("annotations", {}):
        parts.append("tags of its profiles")
    elif "annotations" in metadata:
        parts.append("record of what was applied")
    return ", ".join(parts)


def _finalizer(cache: Object) -> Iterator[Write]:
    left = [each for each in operator.finalizers(cache) if each != FINALIZER]
    if left != operator.finalizers(cache):
        patch = {"metadata": {"finalizers": left}}
        yield Write(cache, patch, f"without the finalizer {FINALIZER}")


def _returned(cache: Object, children: list[Object]) -> Iterator[Write]:
    for child in children:
        metadata: Object = {
            "labels": {lastapplied.OWNER_LABEL: None, operator.MANAGED_BY: operator.NAME}
        }
        if lastapplied.LAST_APPLIED in mapping(child["metadata"].get("annotations")):
            metadata["annotations"] = {lastapplied.LAST_APPLIED: None}
        yield Write(child, {"metadata": metadata}, f"labels of {operator.NAME}, without the record")
    if held := _held(cache):
        kept = [each for each in operator.finalizers(cache) if each not in held]
        what = f"without the finalizer {', '.join(held)}"
        yield Write(cache, {"metadata": {"finalizers": kept}}, what)


def _remarks(children: list[Object]) -> Iterator[str]:
    for child in children:
        name, namespace = child["metadata"]["name"], child["metadata"]["namespace"]
        if child["kind"] == _JOB and "ttlSecondsAfterFinished" not in child["spec"]:
            yield (
                f"Job/{name}: nobody deletes it; run kubectl delete job {name} -n {namespace} "
                "once it has ended"
            )


def _caches(objects: Iterable[Object]) -> Iterator[Object]:
    return (each for each in objects if each["kind"] == kinds.NIM_CACHE.kind)


def _children(cache: Object, objects: Iterable[Object]) -> list[Object]:
    return [
        each
        for each in objects
        if each["kind"] in (_CLAIM, _JOB)
        and each["metadata"].get("namespace") == cache["metadata"].get("namespace")
        and _controls(cache, each)
    ]


def _controls(cache: Object, child: Object) -> bool:
    owner: Any = controller_of(child) or {}
    if uid := cache["metadata"].get("uid"):
        return bool(owner.get("uid") == uid)
    return (owner.get("kind"), owner.get("name")) == (cache["kind"], cache["metadata"]["name"])


def _type(cache: Object) -> str:
    return text(status(cache).get("type"))


def _labelled(child: Object, cache: Object) -> bool:
    uid = cache["metadata"].get("uid")
    return bool(uid) and operator.labels(child).get(lastapplied.OWNER_LABEL) == uid


def _held(cache: Object) -> list[str]:
    return [each for each in operator.finalizers(cache) if each.startswith(HELD)]

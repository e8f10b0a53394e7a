"""Pipelines: lets the hooks manage NIMPipelines of NVIDIA's operator, and the way back.

The operator's pipelines own their NIMServices already, so Metacontroller needs only its label on
them. No record of what the operator applied is written: fields of a NIMService that its pipeline
does not set stay as somebody has set them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from hooks.cluster.api import Object, controller_of, is_deleting
from hooks.kernel import dynamicapply, lastapplied
from hooks.migration import operator, words
from hooks.migration.plan import Migration, Step, Write, merged
from hooks.nimpipeline import kinds
from hooks.preview import difference
from hooks.resources import Settings

FINALIZER = "finalizer.nimpipeline.apps.nvidia.com"


def found(everything: Iterable[Object]) -> list[Object]:
    """Return the NIMPipelines that still have to migrate."""
    objects = list(everything)
    return [
        each
        for each in objects
        if each["kind"] == kinds.NIM_PIPELINE.kind
        and (
            FINALIZER in operator.finalizers(each)
            or any(not _labelled(nim, each) for nim in _services(each, objects))
        )
    ]


def managed(everything: Iterable[Object]) -> list[Object]:
    """Return the NIMPipelines whose NIMServices have Metacontroller's label."""
    objects = list(everything)
    return [
        each
        for each in objects
        if each["kind"] == kinds.NIM_PIPELINE.kind
        and any(_labelled(nim, each) for nim in _services(each, objects))
    ]


def of(
    pipeline: Object, everything: Iterable[Object], settings: Settings, *, now: datetime
) -> Migration:
    """Return the migration of a NIMPipeline in a cluster with the observed objects."""
    if is_deleting(pipeline):
        remark = "is being deleted; let NVIDIA's operator finish that first"
        return Migration(pipeline, (), (), remark)
    objects = list(everything)
    services = _services(pipeline, objects)
    patch = {"metadata": {"labels": {lastapplied.OWNER_LABEL: pipeline["metadata"]["uid"]}}}
    prepared = {nim["metadata"]["name"]: merged(nim, patch) for nim in services}
    others = [each for each in objects if not any(each is nim for nim in services)]
    answer = difference.of(pipeline, [*prepared.values(), *others], settings, now=now)
    desired = {each["metadata"]["name"]: each for each in answer.desired}
    steps = [_step(nim, desired.get(name)) for name, nim in prepared.items()]
    steps += [
        Step("create", kinds.NIM_SERVICE.kind, name) for name in desired if name not in prepared
    ]
    writes = [
        Write(nim, patch, f"label {lastapplied.OWNER_LABEL}")
        for nim in services
        if not _labelled(nim, pipeline)
    ]
    changed = sum(step.action != "keep" for step in steps)
    remark = (
        f"{changed} NIMServices change; nimservice diff shows the pods that restart"
        if changed
        else "no NIMService changes"
    )
    return Migration(pipeline, tuple(steps), (*writes, *_finalizer(pipeline)), remark)


def back(pipeline: Object, everything: Iterable[Object]) -> list[Write]:
    """Return the writes by which NVIDIA's operator manages a NIMPipeline again."""
    patch: Object = {
        "metadata": {
            "labels": {lastapplied.OWNER_LABEL: None},
            "annotations": {lastapplied.LAST_APPLIED: None},
        }
    }
    return [
        Write(nim, patch, "without Metacontroller's label and record")
        for nim in _services(pipeline, everything)
        if _labelled(nim, pipeline)
    ]


def _step(nim: Object, desired: Object | None) -> Step:
    kind, name = kinds.NIM_SERVICE.kind, nim["metadata"]["name"]
    if desired is None:
        return Step("delete", kind, name, ("the pipeline has no enabled service of this name",))
    after = dynamicapply.updated(nim, desired)
    why = tuple(words.differences(nim.get("spec"), after.get("spec")))
    return Step("update", kind, name, why) if why else Step("keep", kind, name, ("as it is",))


def _finalizer(pipeline: Object) -> Iterator[Write]:
    left = [each for each in operator.finalizers(pipeline) if each != FINALIZER]
    if left != operator.finalizers(pipeline):
        patch = {"metadata": {"finalizers": left}}
        yield Write(pipeline, patch, f"without the finalizer {FINALIZER}")


def _services(pipeline: Object, everything: Iterable[Object]) -> list[Object]:
    uid = pipeline["metadata"].get("uid")
    return [
        each
        for each in everything
        if each["kind"] == kinds.NIM_SERVICE.kind
        and uid
        and (controller_of(each) or {}).get("uid") == uid
    ]


def _labelled(nim: Object, pipeline: Object) -> bool:
    uid = pipeline["metadata"].get("uid")
    return bool(operator.labels(nim).get(lastapplied.OWNER_LABEL) == uid)

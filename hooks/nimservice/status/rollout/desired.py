"""Desired: the workload in the answer, and whether it is another one than in the last answer."""

import hashlib

import orjson

from hooks.kernel import lastapplied
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, spec, text
from hooks.nimservice.api import kserve
from hooks.nimservice.context import Context


def workload(ctx: Context) -> Manifest | None:
    """Return the workload in the answer, or None if the answer has none."""
    kind, name = ctx.workload_kind.kind, ctx.workload_name
    return next((child for child in ctx.plan.children if _is(child, kind, name)), None)


def _is(child: Manifest, kind: str, name: str) -> bool:
    return bool(child["kind"] == kind and child["metadata"]["name"] == name)


def workload_hash(ctx: Context) -> str | None:
    """Return a short hash of the workload in the answer, or None if the answer has none.

    The number of replicas changes without an edit; only zero or not counts.
    """
    return ctx.once(_workload_hash)


def _workload_hash(ctx: Context) -> str | None:
    wanted = spec(workload(ctx) or {})
    if not wanted:
        return None
    document = {**wanted, "replicas": wanted.get("replicas") == 0}
    if "predictor" in document:
        document["predictor"] = unscaled(document["predictor"])
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def unscaled(predictor: Manifest) -> Manifest:
    """Return a predictor without what keeps its pods when it changes."""
    rest = {key: value for key, value in predictor.items() if key not in kserve.SCALING}
    labels = mapping(rest.get("labels"))
    if kserve.VISIBILITY in labels:
        rest["labels"] = {key: labels[key] for key in labels if key != kserve.VISIBILITY}
    return rest


def is_edited(ctx: Context) -> bool:
    """Whether the answer for the workload is another one than the last.

    The object itself does not tell under server-side apply: if something in the cluster rewrites
    the fields of a workload as it is applied, these differ from the answer for good.
    """
    last = text(ctx.status.get("workloadHash"))
    if last:
        return last != workload_hash(ctx)
    return lastapplied.last_annotation(ctx.workload or {}) is not None


def status_is_current(ctx: Context) -> bool:
    """Whether the last status is about the NIMService as it is now."""
    return bool(ctx.nim.metadata.generation == ctx.status.get("observedGeneration"))

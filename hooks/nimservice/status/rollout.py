"""Rollout: how far a workload is, by the rules of ``kubectl rollout status``."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from hooks.kernel import lastapplied, threeway
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import (
    annotations,
    carries,
    condition,
    deleted,
    mapping,
    mappings,
    metadata,
    moment,
    number,
    spec,
    status,
    text,
)
from hooks.kernel.pod import container
from hooks.nimservice import kinds, naming
from hooks.nimservice.api import kserve
from hooks.nimservice.context import Context, pod_spec

UPDATING = "Updating"
"""The reason while an edit is on its way to the workload; the next sync knows the edit by it."""

NOT_APPLIED = "ChangeNotApplied"
"""The reason once an edit does not reach the workload."""

_FIRST_WORD = timedelta(seconds=60)
"""How long the controller of a new workload may take to report on it: it comes within seconds."""

_UNNOTICED = "The controller has not observed the latest change yet"

_OVERDUE = "The rollout has exceeded its progress deadline"

_RELAYED = timedelta(seconds=60)
"""How long KServe may take to bring an edit to its Deployment, which differs until then.

Something else may change the Deployment for good, such as a policy that rewrites images.
"""

_NOT_OF_PODS = (*kserve.SCALING, "deploymentStrategy", "labels", "annotations")
"""The fields of a predictor that are no part of a pod's spec."""


@dataclass(frozen=True)
class Rollout:
    """How far a workload is."""

    wanted: int
    """Desired replicas."""
    replicas: int
    """Existing replicas."""
    updated: int
    """Replicas that run the newest template."""
    available: int
    """Available replicas."""
    waiting: str | None
    """What the rollout waits for, as a sentence; None if it is complete."""
    noticed: bool = True
    """Whether the controller has observed the latest change of the workload."""
    overdue: str | None = None
    """Why it will not complete without a user, as a sentence; None while it may."""
    scaling: bool = False
    """Whether it only waits for further replicas of the current template."""
    progressed: datetime | None = None
    """When a rollout last made progress, if the hooks keep its deadline: only the controller of
    Deployments keeps one that gives a model the time to start."""
    complete: str | None = None
    """What to report of a complete rollout; None for the number of replicas."""


def of(ctx: Context) -> Rollout | None:
    """Return how far the workload is, or None without a workload."""
    return ctx.once(_observed)


def _observed(ctx: Context) -> Rollout | None:
    workload = ctx.workload
    if workload is None:
        return None
    if ctx.workload_kind is kinds.DEPLOYMENT:
        return _deployment(ctx, workload)
    found = (
        _leader_worker_set(ctx, workload)
        if ctx.workload_kind is kinds.LEADER_WORKER_SET
        else _inference_service(ctx, workload)
    )
    return _timed(ctx, found) if found.waiting and found.wanted and not found.scaling else found


def _timed(ctx: Context, found: Rollout) -> Rollout:
    """Return a rollout with the deadline that a Deployment of the same pods has."""
    since = _progressed(ctx, found)
    late = ctx.passed(since, _deadline(ctx))
    return replace(found, progressed=since, overdue=_OVERDUE if late else None)


def _progressed(ctx: Context, found: Rollout) -> datetime:
    """Return when the rollout began, or a replica became available in it."""
    since = moment(ctx.status.get("lastProgressTime"))
    more = found.available > number(ctx.status.get("availableReplicas"))
    return ctx.now if since is None or more or _edited(ctx) else since


def _deadline(ctx: Context) -> timedelta:
    """Return how long a rollout may make no progress, as ``children.deployment`` has it."""
    pod = pod_spec(ctx.workload_kind, ctx.workload or {})
    probes = (mapping(each.get("startupProbe")) for each in mappings(pod.get("containers")))
    budget = max((container.budget(each) for each in probes), default=0)
    grace = ctx.nim.spec.termination_grace_period_seconds or 0
    return timedelta(seconds=min(max(budget, 0) + grace + 600, 2**31 - 1))


def is_new(ctx: Context) -> bool:
    """Whether the first word of the workload's controller is still to be expected.

    Until then there is nothing to report that was not known when the workload was made.
    """
    workload = ctx.workload
    if workload is None or status(workload):
        return False
    made = moment(metadata(workload).get("creationTimestamp"))
    return made is not None and not ctx.passed(made, _FIRST_WORD)


def unapplied(ctx: Context) -> bool:
    """Whether an edit is newer than the last status, and changes the observed workload.

    Such a workload may look complete although its rollout has not begun. More replicas of a serving
    workload do not count as such an edit.
    """
    return not _status_is_current(ctx) and _edited(ctx) and _differs(ctx)


def workload_hash(ctx: Context) -> str | None:
    """Return a short hash of the workload in the answer, or None if the answer has none.

    The number of replicas changes without an edit; only zero or not counts.
    """
    return ctx.once(_workload_hash)


def _workload_hash(ctx: Context) -> str | None:
    wanted = spec(_desired(ctx) or {})
    if not wanted:
        return None
    document = {**wanted, "replicas": wanted.get("replicas") == 0}
    if "predictor" in document:
        document["predictor"] = _unscaled(document["predictor"])
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def _edited(ctx: Context) -> bool:
    """Whether the answer for the workload is another one than the last.

    The object itself does not tell under server-side apply: if something in the cluster rewrites
    the fields of a workload as it is applied, these differ from the answer for good.
    """
    last = text(ctx.status.get("workloadHash"))
    if last:
        return last != workload_hash(ctx)
    return lastapplied.last_annotation(ctx.workload or {}) is not None


def stuck(ctx: Context) -> datetime | None:
    """Return since when an edit has failed to reach the workload, or None.

    The reason in the last status tells that an edit was on its way. Under server-side apply, a
    later write of the hooks' fields counts as its arrival.
    """
    ready = condition({"status": ctx.status}, "Ready")
    since = moment(ready.get("lastTransitionTime"))
    on_its_way = ready.get("reason") in (UPDATING, NOT_APPLIED)
    if since is None or not on_its_way or not _status_is_current(ctx) or not _differs(ctx):
        return None
    applied = lastapplied.applied_at(ctx.workload or {}, ctx.settings.field_manager)
    return None if applied and applied >= since else since


def _differs(ctx: Context) -> bool:
    wanted = _desired(ctx)
    if ctx.workload is None or wanted is None:
        return False
    applied = _comparable(spec(lastapplied.last_applied(ctx.workload, ctx.settings.field_manager)))
    asked, found = _comparable(spec(wanted)), of(ctx)
    if found and found.available and asked.get("replicas") and applied.get("replicas"):
        asked["replicas"] = applied["replicas"]
    if found and found.available and "predictor" in asked:
        asked, applied = (_unscaled(mapping(each.get("predictor"))) for each in (asked, applied))
    return bool(applied != asked)


def _unscaled(predictor: Manifest) -> Manifest:
    """Return a predictor without what keeps its pods when it changes."""
    rest = {key: value for key, value in predictor.items() if key not in kserve.SCALING}
    labels = mapping(rest.get("labels"))
    if kserve.VISIBILITY in labels:
        rest["labels"] = {key: labels[key] for key in labels if key != kserve.VISIBILITY}
    return rest


def _desired(ctx: Context) -> Manifest | None:
    kind, name = ctx.workload_kind.kind, ctx.workload_name
    return next((child for child in ctx.plan.children if _is(child, kind, name)), None)


def _status_is_current(ctx: Context) -> bool:
    return bool(ctx.nim.metadata.generation == ctx.status.get("observedGeneration"))


def _comparable(value: Any) -> Any:
    """Return a value with its lists of objects sorted: the API server may keep another order."""
    if isinstance(value, dict):
        return {key: _comparable(value[key]) for key in sorted(value)}
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return sorted(map(_comparable, value), key=str)
    return value


def _is(child: Manifest, kind: str, name: str) -> bool:
    return bool(child["kind"] == kind and child["metadata"]["name"] == name)


def _deployment(ctx: Context, deployment: Manifest) -> Rollout:
    found = _rolled(deployment, _wanted(ctx, deployment), noticed=_is_noticed(ctx, deployment))
    progressing = condition(deployment, "Progressing")
    # Until the controller notices a change, the conditions are about the one before (Q34).
    late = progressing.get("reason") == "ProgressDeadlineExceeded" and _noticed(deployment)
    return replace(found, overdue=(text(progressing.get("message")) or _OVERDUE) if late else None)


def _rolled(deployment: Manifest, wanted: int, *, noticed: bool) -> Rollout:
    """Return how far a Deployment is, ours or KServe's, whatever its deadline."""
    replicas, updated, available = _counts(
        deployment, "replicas", "updatedReplicas", "availableReplicas"
    )
    finished = condition(deployment, "Progressing").get("reason") == "NewReplicaSetAvailable"
    return Rollout(
        wanted=wanted,
        replicas=replicas,
        updated=updated,
        available=available,
        waiting=_waiting(wanted, replicas, updated, available) if noticed else _UNNOTICED,
        noticed=noticed,
        scaling=finished and replicas == updated and wanted > 0 and noticed,
    )


def _wanted(ctx: Context, workload: Manifest) -> int:
    """Return the desired replicas, also those of an edit that this sync applies."""
    current = number(spec(workload).get("replicas"), 1)
    return number(spec(_desired(ctx) or {}).get("replicas"), current)


def _is_noticed(ctx: Context, workload: Manifest) -> bool:
    """Whether the counts of a workload tell of its template.

    Where this template was ready, only the number of replicas can have changed since.
    """
    return _noticed(workload) or _was_ready(ctx)


def _was_ready(ctx: Context) -> bool:
    """Whether the last status calls the template that is desired ready."""
    ready = condition(ctx.request.parent, "Ready").get("status") == "True"
    return ready and (_status_is_current(ctx) or not _edited(ctx))


def _counts(workload: Manifest, *keys: str) -> tuple[int, ...]:
    found = status(workload)
    return tuple(number(found.get(key)) for key in keys)


def _noticed(workload: Manifest) -> bool:
    generation = _generation(workload)
    # LeaderWorkerSet reports the observed generation since 0.9. An older one counts as current.
    unless_told = generation if workload.get("kind") == kinds.LEADER_WORKER_SET.kind else 0
    return number(status(workload).get("observedGeneration"), unless_told) >= generation


def _generation(workload: Manifest) -> int:
    return number(metadata(workload).get("generation"))


def _waiting(wanted: int, replicas: int, updated: int, available: int) -> str | None:
    if updated < wanted:
        return f"{updated} of {wanted} replicas are updated"
    if replicas > updated:
        return f"{replicas - updated} old replicas still exist"
    if replicas and not wanted:
        return f"{replicas} replicas still exist"
    if available < updated:
        return f"{available} of {wanted} replicas are available"
    return None


def _leader_worker_set(ctx: Context, groups: Manifest) -> Rollout:
    """Return how far the groups are; a group is updated or ready once all its pods are."""
    wanted = _wanted(ctx, groups)
    replicas, updated, ready = _counts(groups, "replicas", "updatedReplicas", "readyReplicas")
    noticed = _is_noticed(ctx, groups)
    # An update stays in progress until all groups are available again. Before the first time no
    # condition tells it.
    updating = (
        not condition(groups, "Available")
        or condition(groups, "UpdateInProgress").get("status") == "True"
    )
    waiting = _waiting_for_groups(groups, wanted, replicas, updated, ready, updating=updating)
    return Rollout(
        wanted,
        replicas,
        updated,
        available=ready,
        waiting=waiting if noticed else _UNNOTICED,
        noticed=noticed,
        scaling=not updating and noticed and wanted > 0,
    )


def _waiting_for_groups(  # noqa: PLR0913 - the counts of one status
    groups: Manifest, wanted: int, replicas: int, updated: int, ready: int, *, updating: bool
) -> str | None:
    if updated < wanted:
        return f"{updated} of {wanted} groups are updated"
    # Where fewer are wanted, the first groups stay.
    if replicas > wanted and (updating or not wanted):
        return f"{replicas - wanted} surplus groups still exist"
    if ready < wanted:
        return f"{ready} of {wanted} groups are ready"
    if condition(groups, "Available").get("status") != "True":
        return "The LeaderWorkerSet does not report that it is available"
    return None


def _inference_service(ctx: Context, service: Manifest) -> Rollout:
    """Return how far KServe is.

    Its generation is that of KServe's own Deployment, and its deadline is shorter than the start of
    a NIM (Q33), so neither counts.
    """
    said, marks = condition(service, "PredictorReady"), annotations(service)
    pods, ready = _predictor_pods(ctx) or _copies(service)
    if marks.get(kserve.STOP) == "true":
        gone = said.get("reason") == "Stopped" and not pods
        return Rollout(
            0, pods, pods, ready, waiting=None if gone else "KServe is stopping the model"
        )
    unready = (
        None if said.get("status") == "True" else "KServe reports that its predictor is not ready"
    )
    predictor = mapping(spec(_desired(ctx) or service).get("predictor"))
    wanted = number(predictor.get("minReplicas")) or 1
    mode = status(service).get("deploymentMode") or marks.get(kserve.DEPLOYMENT_MODE)
    if mode not in kserve.STANDARD_MODES:
        # Knative starts a replica for the next request, so none is enough.
        complete = f"KServe reports a ready predictor with {ready} replicas"
        return Rollout(wanted, pods, pods, ready, waiting=unready, complete=complete)
    deployment = ctx.related_named(kinds.DEPLOYMENT, naming.predictor(ctx.nim))
    if deployment is None:
        return Rollout(
            wanted, pods, 0, ready, waiting=unready or "KServe has made no Deployment yet"
        )
    current = number(spec(deployment).get("replicas"), 1)
    noticed = _is_noticed(ctx, deployment) and not _is_behind(ctx, service, deployment)
    # Its autoscaler has the last word. Until it has spoken, its minimum counts.
    found = _rolled(deployment, max(wanted, current) if current else 0, noticed=noticed)
    # KServe's predictor is ready even without replicas: an update may take the only one away.
    if found.waiting or not unready:
        return found
    return replace(found, waiting=unready, scaling=found.scaling and _was_ready(ctx))


def _is_behind(ctx: Context, service: Manifest, deployment: Manifest) -> bool:
    """Whether KServe has still to bring an edit of its predictor to its Deployment."""
    entries = mappings(metadata(service).get("managedFields"))
    times = (moment(each.get("time")) for each in entries if not each.get("subresource"))
    edited = max((each for each in times if each), default=None)
    if edited is None:
        return False
    predictor = mapping(spec(service).get("predictor"))
    template = mapping(spec(deployment).get("template"))
    pod = {key: value for key, value in predictor.items() if key not in _NOT_OF_PODS}
    there = mapping(template.get("spec"))
    # KServe has a label "app" of its own.
    marks = {key: text(value) for key, value in mapping(predictor.get("labels")).items()}
    marks.pop("app", None)
    differs = threeway.merged(there, {}, pod) != there or not carries(template, marks)
    return differs and not ctx.passed(edited, _RELAYED)


def _predictor_pods(ctx: Context) -> tuple[int, int] | None:
    """Return the numbers of KServe's pods and of the ready ones, or None if pods are not read."""
    if kinds.POD.group_key not in ctx.request.related:
        return None
    pods = [each for each in ctx.pods if carries(each, naming.selector(ctx.nim))]
    alive = [each for each in pods if not deleted(each)]
    return len(pods), sum(condition(each, "Ready").get("status") == "True" for each in alive)


def _copies(service: Manifest) -> tuple[int, int]:
    """Return the replicas that KServe reports, twice: all of them count as ready."""
    copies = mapping(mapping(status(service).get("modelStatus")).get("copies"))
    total = number(copies.get("totalCopies"))
    return total, total

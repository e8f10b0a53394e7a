"""Predictor: how far KServe is with an InferenceService."""

from dataclasses import replace
from datetime import timedelta

from hooks.kernel import threeway
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
from hooks.nimservice import kinds, naming
from hooks.nimservice.api import kserve
from hooks.nimservice.context import Context
from hooks.nimservice.status.rollout import deployment as deployments
from hooks.nimservice.status.rollout import desired, progress
from hooks.nimservice.status.rollout.progress import Rollout

_RELAYED = timedelta(seconds=60)
"""How long KServe may take to bring an edit to its Deployment, which differs until then.

Something else may change the Deployment for good, such as a policy that rewrites images.
"""

_NOT_OF_PODS = (*kserve.SCALING, "deploymentStrategy", "labels", "annotations")
"""The fields of a predictor that are no part of a pod's spec."""


def of(ctx: Context, service: Manifest) -> Rollout:
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
    predictor = mapping(spec(desired.workload(ctx) or service).get("predictor"))
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
    noticed = progress.is_current(ctx, deployment) and not _is_behind(ctx, service, deployment)
    # Its autoscaler has the last word. Until it has spoken, its minimum counts.
    found = deployments.rolled(deployment, max(wanted, current) if current else 0, noticed=noticed)
    # KServe's predictor is ready even without replicas: an update may take the only one away.
    if found.waiting or not unready:
        return found
    return replace(found, waiting=unready, scaling=found.scaling and progress.was_ready(ctx))


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

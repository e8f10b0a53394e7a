"""Trouble: why the pods of a Job do not run."""

from datetime import datetime, timedelta

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, moment, name, number, status
from hooks.kernel.pod.reason import WEIGHT
from hooks.nimcache.context import Context
from hooks.nimcache.job import observed
from hooks.nimcache.naming import Role
from hooks.nimcache.status import symptom

_PATIENCE = timedelta(seconds=60)
"""How long the Job controller may take to make a pod."""

_SLOW = timedelta(seconds=120)
"""How long a cause that passes by itself lasts until the status tells it.

Each change of the status is a write, and causes a sync of each NIMService that uses the cache.
"""

_PASSING = WEIGHT["PodInitializing"]
"""The weight from which on causes pass by themselves."""


def of(ctx: Context, job: Manifest, role: Role) -> Finding | None:
    """Return the worst cause that keeps the pods of a Job from running, or None."""
    pods = observed.alive(ctx.pods_of(job, role))
    if not pods:
        return _without_pods(ctx, job, role)
    symptoms = [
        (found, each)
        for each in pods
        if (found := symptom.of(ctx, each)) is not None
        and (WEIGHT[found.reason] < _PASSING or ctx.passed(_made(ctx, each), _SLOW))
    ]
    worst = min(symptoms, key=lambda each: WEIGHT[each[0].reason], default=None)
    return symptom.told(*worst) if worst else None


def stuck(ctx: Context) -> Finding | None:
    """Return why the deleted pod of a former download does not end, or None."""
    for pod in filter(observed.going, observed.alive(ctx.pods_in("download"))):
        if found := symptom.of(ctx, pod):
            return symptom.told(found, pod)
    return None


def serious(finding: Finding) -> bool:
    """Whether a cause does not pass by itself."""
    return WEIGHT.get(finding.reason, _PASSING) < _PASSING


def _made(ctx: Context, manifest: Manifest) -> datetime:
    """Return when an object was made; now if that is unknown."""
    return moment(manifest["metadata"].get("creationTimestamp")) or ctx.now


def _changed(ctx: Context, job: Manifest) -> datetime:
    """Return when a Job's status changed last, such as for a lost pod."""
    written = [
        moment(each.get("time"))
        for each in mappings(job["metadata"].get("managedFields"))
        if each.get("subresource") == "status"
    ]
    return max(filter(None, written), default=None) or _made(ctx, job)


def _without_pods(ctx: Context, job: Manifest, role: Role) -> Finding | None:
    """Return where to look if the Job controller creates no pod: only its events tell why."""
    if mapping(job.get("spec")).get("suspend") is True:
        return Finding(
            "JobSuspended",
            f"Job {name(job)} is suspended",
            "check the controller that suspended it, such as a queue for jobs",
        )
    ended = ctx.pods_of(job, role) or observed.finished(job) or status(job).get("failed")
    if number(status(job).get("active")):
        return None  # its pod is not observed yet, or lacks the labels of the hooks
    if ended or not ctx.passed(_changed(ctx, job), _PATIENCE):
        return None
    return Finding(
        "FailedCreate",
        f"Job {name(job)} has no pod, perhaps because of a quota, a policy or a missing "
        "ServiceAccount",
        f"see the events in kubectl describe job {name(job)} -n {ctx.namespace}",
    )

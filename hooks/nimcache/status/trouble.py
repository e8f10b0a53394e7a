"""Trouble: why the pods of a Job do not run, by the code that explains a NIMService's."""

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import moment, name, status
from hooks.kernel.pod import pod
from hooks.kernel.pod.reason import WEIGHT
from hooks.nimcache.context import Context
from hooks.nimcache.job import observed
from hooks.nimcache.naming import Role
from hooks.nimcache.status import words

_PATIENCE = 60
"""Seconds that the Job controller may take to make a pod."""

_SLOW = 120
"""Seconds after which it is told what passes by itself.

Each word that a pod says would be a write, and a look of each NIMService.
"""

_PASSING = WEIGHT["PodInitializing"]
"""From here on, causes pass by themselves."""


def of(ctx: Context, job: Manifest, role: Role) -> Finding | None:
    """Return what keeps the pods of a Job from running, or None where nothing is to be seen."""
    pods = observed.alive(ctx.pods_of(job, role))
    if not pods:
        return _without_pods(ctx, job, role)
    symptoms = [
        (found, each)
        for each in pods
        if (found := pod.symptom(each, ctx.now)) is not None
        and (WEIGHT[found.reason] < _PASSING or _age(ctx, each) > _SLOW)
    ]
    worst = min(symptoms, key=lambda each: WEIGHT[each[0].reason], default=None)
    return words.of(ctx, *worst) if worst else None


def serious(finding: Finding) -> bool:
    """Whether a trouble does not pass by itself."""
    return WEIGHT.get(finding.reason, _PASSING) < _PASSING


def _age(ctx: Context, manifest: Manifest) -> float:
    """Return how many seconds ago an object was made; 0 where it does not say."""
    made = moment(manifest["metadata"].get("creationTimestamp"))
    return (ctx.now - made).total_seconds() if made else 0


def _without_pods(ctx: Context, job: Manifest, role: Role) -> Finding | None:
    """Return what to look at where the Job controller makes no pod.

    It tells why in events alone.
    """
    ended = ctx.pods_of(job, role) or observed.finished(job) or status(job).get("failed")
    if _age(ctx, job) <= _PATIENCE or ended:
        return None
    return Finding(
        "FailedCreate",
        f"Job {name(job)} has no pod, which a quota, a policy or a missing ServiceAccount may "
        "be the cause of",
        f"kubectl describe job {name(job)} -n {ctx.namespace} tells why",
    )

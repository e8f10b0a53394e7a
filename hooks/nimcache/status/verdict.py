"""Verdict: how far the NIMCache is, and what stops it."""

from collections.abc import Callable
from datetime import datetime

from hooks.kernel import prose
from hooks.kernel.condition import timestamp
from hooks.kernel.finding import Finding, sentences
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, mapping, name, number, status, text
from hooks.kernel.verdict import Verdict
from hooks.nimcache import kinds, life, naming
from hooks.nimcache.context import Context
from hooks.nimcache.job import observed
from hooks.nimcache.stage import Stage, Step
from hooks.nimcache.status import absent, attempt, trouble

_FATAL = ("NoProfileMatches", "UnknownProfile", "NoDownloader", "DatasetUnsupported")
"""Reasons for which no download can succeed, whatever changes in the cluster."""


def of(ctx: Context) -> Verdict:
    """Return the verdict on the observed objects."""
    stage = life.of(ctx)
    return _BY_STEP[stage.step](ctx, stage)


def _ready(ctx: Context, stage: Stage) -> Verdict:
    profiles = len(stage.choice.profiles) if stage.choice else 0
    what = f"{profiles} profile{'s' if profiles > 1 else ''}" if profiles else "the model"
    return Verdict("Ready", "Ready", f"Claim {naming.claim(ctx.cache)} holds {what}")


def _claim_missing(ctx: Context, _: Stage) -> Verdict:
    return Verdict(
        "NotReady",
        "PersistentVolumeClaimNotFound",
        f"Claim {naming.claim(ctx.cache)} does not exist",
        "Reconciling",
        f"create it in namespace {ctx.namespace}, or let another NIMCache create it with "
        "spec.storage.pvc.create",
    )


def _claim_awaited(ctx: Context, _: Stage) -> Verdict:
    claim = naming.claim(ctx.cache)
    if found := absent.of(ctx, f"Claim {claim}", "Creating"):
        return Verdict("NotReady", found.reason, found.cause, "Reconciling", found.remedy)
    return Verdict("Pending", "Creating", f"Claim {claim} is being created", "Reconciling")


def _claim_ending(ctx: Context, _: Stage) -> Verdict:
    claim = naming.claim(ctx.cache)
    message = (
        f"Claim {claim} is being deleted, and the model with it. The download starts anew once it "
        "is gone"
    )
    return Verdict("NotReady", "ClaimLost", message, "Reconciling")


def _claim_lost(ctx: Context, _: Stage) -> Verdict:
    claim = naming.claim(ctx.cache)
    message = f"Claim {claim} with the model is gone. The download starts anew"
    return Verdict("NotReady", "ClaimLost", message, "Reconciling")


def _claim_broken(ctx: Context, _: Stage) -> Verdict:
    claim = naming.claim(ctx.cache)
    return Verdict(
        "NotReady",
        "PersistentVolumeClaimLost",
        f"Claim {claim} has lost its volume",
        "Stalled",
        f"restore the volume, or download the model again after kubectl delete pvc {claim} -n "
        f"{ctx.namespace}",
    )


def _claim_shared(_: Context, stage: Stage) -> Verdict:
    finding = stage.finding or Finding("ClaimShared", "Another NIMCache downloads into the claim")
    return Verdict("Pending", finding.reason, finding.cause, "Reconciling", finding.remedy)


def _starting(ctx: Context, _: Stage) -> Verdict:
    job = naming.download(ctx.cache)
    if ctx.download is None and (found := absent.of(ctx, f"Job {job}", "Starting")):
        return Verdict("NotReady", found.reason, found.cause, "Reconciling", found.remedy)
    message = f"Job {job} is starting. Pulling a large image takes minutes"
    return Verdict("Started", "Starting", message, "Reconciling")


def _replacing(ctx: Context, stage: Stage) -> Verdict:
    if stage.finding is None:
        message = f"Job {naming.download(ctx.cache)} is being replaced"
        return Verdict("Pending", "Replacing", message, "Reconciling")
    stuck = trouble.stuck(ctx)
    message = sentences(stage.finding.cause, stuck.cause if stuck else "")
    remedy = stuck.remedy if stuck else stage.finding.remedy
    return Verdict("Pending", "Replacing", message, "Reconciling", remedy)


def _taken(_: Context, stage: Stage) -> Verdict:
    finding = stage.finding or Finding("ChildNotObserved", "The Job of that name has another owner")
    return Verdict("NotReady", finding.reason, finding.cause, "Stalled", finding.remedy)


def _undecided(_: Context, stage: Stage) -> Verdict:
    finding = stage.finding or Finding("ManifestUnreadable", "The model manifest cannot be read")
    state = "Failed" if finding.reason in _FATAL else "NotReady"
    return Verdict(state, finding.reason, finding.cause, "Stalled", finding.remedy)


def _probing(ctx: Context, _: Stage) -> Verdict:
    state = "Pending"
    if ctx.probe is None:
        if found := absent.of(ctx, f"Job {naming.probe(ctx.cache)}", "Probing"):
            return Verdict("NotReady", found.reason, found.cause, "Reconciling", found.remedy)
        created = ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(ctx.cache))
        state = "PVC-Created" if created else "Pending"
    elif found := trouble.of(ctx, ctx.probe, "probe"):
        return Verdict(state, found.reason, found.cause, "Reconciling", found.remedy)
    last = _last_words(ctx, ctx.probe, "probe")
    message = sentences(
        f"Job {naming.probe(ctx.cache)} is reading the profiles of the image",
        f"The attempt before: {last.cause}" if last else "",
    )
    return Verdict(state, "Probing", message, "Reconciling", last.remedy if last else "")


def _probe_failed(ctx: Context, stage: Stage) -> Verdict:
    why = _last_words(ctx, ctx.probe, "probe") if ctx.probe else None
    message = sentences(
        "The probe could not read the image",
        why.cause if why else "",
        f"It starts anew at {_clock(stage.due)}",
    )
    return Verdict("NotReady", "ProbeFailed", message, "Reconciling", why.remedy if why else "")


def _failed(ctx: Context, stage: Stage) -> Verdict:
    job = ctx.download or {}
    why = _last_words(ctx, job, "download")
    command = f"kubectl delete job {naming.download(ctx.cache)} -n {ctx.namespace}"
    again = f"It starts anew at {_clock(stage.due)}, or at once after {command}"
    if why is None:
        said = text(condition(job, "Failed").get("message"))
        why = Finding("DownloadFailed", f"The download failed{prose.quoted(prose.of(said))}")
    if not why.remedy:
        return Verdict("Failed", why.reason, sentences(why.cause, again))
    # The remedy stands next to its cause: whoever quotes the message may cut it.
    return Verdict("Failed", why.reason, why.cause, remedy=sentences(why.remedy, again))


def _downloading(ctx: Context, stage: Stage) -> Verdict:
    job = ctx.download or {}
    pods = ctx.pods_of(job, "download")
    last = _last_words(ctx, job, "download")
    tried = max(number(status(job).get("failed")), sum(map(_used_up, pods)))
    before = f"The attempt before: {last.cause}" if last else ""
    for pod in pods:
        if runs := observed.running(pod) or observed.ended_well(pod):
            message = sentences(_runs(pod, runs, tried + 1), before)
            remedy = last.remedy if last else ""
            return Verdict("InProgress", "Downloading", message, "Reconciling", remedy)
    if not observed.annotation(job, naming.TEMPLATE) and number(status(job).get("active")):
        message = f"Job {name(job)[:253]} of another operator is downloading (attempt {tried + 1})"
        return Verdict("InProgress", "Downloading", message, "Reconciling")
    found = trouble.of(ctx, job, "download")
    if last or tried:
        if found and trouble.serious(found):
            return Verdict("InProgress", found.reason, found.cause, "Reconciling", found.remedy)
        message = sentences(f"Attempt {tried + 1} follows", before)
        return Verdict(
            "InProgress", "Retrying", message, "Reconciling", last.remedy if last else ""
        )
    if found:
        return Verdict("Pending", found.reason, found.cause, "Reconciling", found.remedy)
    return _starting(ctx, stage)


def _used_up(pod: Manifest) -> bool:
    """Whether a pod used up an attempt. Its Job may not have counted it yet."""
    disrupted = condition(pod, "DisruptionTarget").get("status") == "True"
    return status(pod).get("phase") == "Failed" and not disrupted


def _runs(pod: Manifest, running: Manifest, attempt: int) -> str:
    node = text(mapping(pod.get("spec")).get("nodeName"))[:253] or "unknown"
    since = prose.of(text(running.get("startedAt")), 32)
    called = f"Pod {name(pod)[:253]}"
    return f"{called} has been downloading on node {node} since {since} (attempt {attempt})"


def _last_words(ctx: Context, job: Manifest | None, role: naming.Role) -> Finding | None:
    """Return how the last failed attempt of a Job ended.

    It is None if no attempt failed, or if its pod is gone.
    """
    failed = [
        pod
        for pod in (ctx.pods_of(job, role) if job else [])
        if status(pod).get("phase") == "Failed"
    ]
    return attempt.ended(ctx, failed[-1]) if failed else None


def _clock(time: datetime | None) -> str:
    return timestamp(time) if time else "a later time"


_BY_STEP: dict[Step, Callable[[Context, Stage], Verdict]] = {
    Step.READY: _ready,
    Step.CLAIM_MISSING: _claim_missing,
    Step.CLAIM_AWAITED: _claim_awaited,
    Step.CLAIM_ENDING: _claim_ending,
    Step.CLAIM_LOST: _claim_lost,
    Step.CLAIM_BROKEN: _claim_broken,
    Step.CLAIM_SHARED: _claim_shared,
    Step.DOWNLOADING: _downloading,
    Step.FAILED: _failed,
    Step.REPLACING: _replacing,
    Step.TAKEN: _taken,
    Step.FORBIDDEN: _taken,
    Step.STARTING: _starting,
    Step.PROBING: _probing,
    Step.PROBE_FAILED: _probe_failed,
    Step.UNDECIDED: _undecided,
}

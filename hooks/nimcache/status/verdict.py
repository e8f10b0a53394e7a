"""Verdict: how far the NIMCache is, and if it does not go on, why."""

from collections.abc import Callable
from datetime import datetime

from hooks.kernel import prose
from hooks.kernel.finding import Finding, sentences
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, name, number, status, text
from hooks.kernel.verdict import Verdict
from hooks.nimcache import kinds, life, naming
from hooks.nimcache.context import Context
from hooks.nimcache.job import observed
from hooks.nimcache.life import Stage, Step
from hooks.nimcache.status import attempt, trouble

_FATAL = ("NoProfileMatches", "UnknownProfile", "NoDownloader", "DatasetUnsupported")
"""Why nothing can be downloaded, whatever happens to the cluster."""


def of(ctx: Context) -> Verdict:
    """Return the verdict on what the cluster has now."""
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
        f"create it in namespace {ctx.namespace}, or let it be created by another NIMCache with "
        "spec.storage.pvc.create",
    )


def _claim_awaited(ctx: Context, _: Stage) -> Verdict:
    claim = naming.claim(ctx.cache)
    return Verdict("Pending", "Creating", f"Claim {claim} is being created", "Reconciling")


def _claim_ending(ctx: Context, _: Stage) -> Verdict:
    claim = naming.claim(ctx.cache)
    message = (
        f"Claim {claim} is being deleted, and the model with it; the download follows when it is "
        "gone"
    )
    return Verdict("NotReady", "ClaimLost", message, "Reconciling")


def _claim_lost(ctx: Context, _: Stage) -> Verdict:
    claim = naming.claim(ctx.cache)
    message = f"Claim {claim}, which held the model, is gone; the model is downloaded again"
    return Verdict("NotReady", "ClaimLost", message, "Reconciling")


def _starting(ctx: Context, _: Stage) -> Verdict:
    job = naming.download(ctx.cache)
    message = f"Job {job} is being started; pulling a large image takes minutes"
    return Verdict("Started", "Starting", message, "Reconciling")


def _replacing(ctx: Context, stage: Stage) -> Verdict:
    message = (
        stage.finding.message
        if stage.finding
        else f"Job {naming.download(ctx.cache)} is being replaced"
    )
    return Verdict("Pending", "Replacing", message, "Reconciling")


def _taken(_: Context, stage: Stage) -> Verdict:
    finding = stage.finding or Finding("ChildNotObserved", "A Job of that name is somebody else's")
    return Verdict("NotReady", finding.reason, finding.cause, "Stalled", finding.remedy)


def _undecided(_: Context, stage: Stage) -> Verdict:
    finding = stage.finding or Finding("ManifestUnreadable", "The model manifest cannot be read")
    state = "Failed" if finding.reason in _FATAL else "NotReady"
    return Verdict(state, finding.reason, finding.cause, "Stalled", finding.remedy)


def _probing(ctx: Context, _: Stage) -> Verdict:
    state = "Pending"
    if ctx.probe is None:
        created = ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(ctx.cache))
        state = "PVC-Created" if created else "Pending"
    elif found := trouble.of(ctx, ctx.probe, "probe"):
        return Verdict(state, found.reason, found.cause, "Reconciling", found.remedy)
    last = _last_words(ctx, ctx.probe, "probe")
    message = sentences(
        f"Job {naming.probe(ctx.cache)} reads which profiles the image has",
        f"The attempt before: {last.cause}" if last else "",
    )
    return Verdict(state, "Probing", message, "Reconciling", last.remedy if last else "")


def _probe_failed(ctx: Context, stage: Stage) -> Verdict:
    why = _last_words(ctx, ctx.probe, "probe") if ctx.probe else None
    message = sentences(
        "The image could not be read",
        why.cause if why else "",
        f"It is tried again at {_clock(stage.due)}",
    )
    return Verdict("NotReady", "ProbeFailed", message, "Reconciling", why.remedy if why else "")


def _failed(ctx: Context, stage: Stage) -> Verdict:
    job = ctx.download or {}
    why = _last_words(ctx, job, "download")
    command = f"kubectl delete job {naming.download(ctx.cache)} -n {ctx.namespace}"
    again = f"It starts anew at {_clock(stage.due)}, or at once by {command}"
    if why is None:
        said = text(_condition(job).get("message"))
        why = Finding("DownloadFailed", f"The download failed{prose.quoted(prose.of(said))}")
    message = sentences(why.cause, again)
    return Verdict("Failed", why.reason, message, None, why.remedy)


def _downloading(ctx: Context, stage: Stage) -> Verdict:
    job = ctx.download or {}
    pods = ctx.pods_of(job, "download")
    live = observed.alive(pods)
    last = _last_words(ctx, job, "download")
    tried = number(status(job).get("failed"))
    before = f"The attempt before: {last.cause}" if last else ""
    for pod in live:
        if running := observed.running(pod):
            message = sentences(_runs(pod, running, tried + 1), before)
            remedy = last.remedy if last else ""
            return Verdict("InProgress", "Downloading", message, "Reconciling", remedy)
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


def _runs(pod: Manifest, running: Manifest, attempt: int) -> str:
    node = text(mapping(pod.get("spec")).get("nodeName"))[:253] or "unknown"
    since = prose.of(text(running.get("startedAt")), 32)
    return f"Pod {name(pod)[:253]} downloads since {since} on node {node}, attempt {attempt}"


def _last_words(ctx: Context, job: Manifest | None, role: naming.Role) -> Finding | None:
    """Return how the last attempt of a Job that failed has ended.

    It is None if none has, or if it is unknown.
    """
    failed = [
        pod
        for pod in (ctx.pods_of(job, role) if job else [])
        if status(pod).get("phase") == "Failed"
    ]
    return attempt.ended(ctx, failed[-1]) if failed else None


def _condition(job: Manifest) -> Manifest:
    conditions = status(job).get("conditions") or []
    return next((each for each in conditions if each.get("type") == "Failed"), {})


def _clock(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else "a later time"


_BY_STEP: dict[Step, Callable[[Context, Stage], Verdict]] = {
    Step.READY: _ready,
    Step.CLAIM_MISSING: _claim_missing,
    Step.CLAIM_AWAITED: _claim_awaited,
    Step.CLAIM_ENDING: _claim_ending,
    Step.CLAIM_LOST: _claim_lost,
    Step.DOWNLOADING: _downloading,
    Step.FAILED: _failed,
    Step.REPLACING: _replacing,
    Step.TAKEN: _taken,
    Step.STARTING: _starting,
    Step.PROBING: _probing,
    Step.PROBE_FAILED: _probe_failed,
    Step.UNDECIDED: _undecided,
}

"""Life: finds the step of a NIMCache, and its desired Jobs.

It is a chain of checks, and the first one that finds something decides. Metacontroller never
changes a Job, and deletes one that the answer leaves out. Children and status follow from the step.
"""

from datetime import datetime, timedelta

from hooks.kernel import lastapplied, ownership, security
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mappings, name, status, text
from hooks.nimcache import choice, inputs, kinds, naming, sharing
from hooks.nimcache.api.source import ALL
from hooks.nimcache.choice import Choice
from hooks.nimcache.context import Context
from hooks.nimcache.job import download, observed, probe, template
from hooks.nimcache.report import report
from hooks.nimcache.stage import Stage, Step

REST = timedelta(minutes=10)
"""How long an ended download is kept.

Meanwhile its log can be read, and a failure does not repeat.
"""

AGAIN = timedelta(minutes=1)
"""How long a failed probe is kept before the next one."""


def of(ctx: Context) -> Stage:
    """Return the step of a NIMCache, and what follows from it."""
    return ctx.once(_of)


def noted_inputs(job: Manifest) -> str:
    """Return the hash of what the choice of a download was made for.

    It is empty if the download carries none.
    """
    return observed.annotation(job, naming.INPUTS)


def _of(ctx: Context) -> Stage:
    return next(stage for step in _STEPS if (stage := step(ctx)))


def _broken(ctx: Context) -> Stage | None:
    """Return the stage of a claim without its volume; all stays until somebody decides."""
    if not ctx.claim_uid or status(ctx.claim or {}).get("phase") != "Lost":
        return None
    job = ctx.download
    kept = () if job is None or observed.going(job) else (_held(ctx, job),)
    return Stage(Step.CLAIM_BROKEN, (*kept, *_probes(ctx)))


def _prefilled(ctx: Context) -> Stage | None:
    if not ctx.prefilled or not ctx.claim_uid:
        return None
    names = [each for each in ctx.cache.spec.source.filter.profiles if each != ALL]
    profiles = tuple({"name": each} for each in names)
    kind = "" if ctx.layout == "legacy" else ctx.layout
    return Stage(Step.READY, choice=Choice(kind, profiles, tuple(names)))


def _ready(ctx: Context) -> Stage | None:
    # The reference operator did not note which claim it filled.
    noted = text(ctx.status.get("claimUID"))
    if not noted and ctx.status.get("state") != "Ready":
        return None
    if ctx.claim is not None and observed.going(ctx.claim):
        return None
    if not ctx.claim_uid or noted not in ("", ctx.claim_uid):
        return Stage(Step.CLAIM_LOST)
    held = Choice(text(ctx.status.get("type")), tuple(mappings(ctx.status.get("profiles"))))
    job = ctx.download
    if job is None or observed.finished(job) != "Complete":
        return Stage(Step.READY, choice=held)
    if ctx.passed(_ended(ctx, job), REST):
        return Stage(Step.READY, choice=held)
    return Stage(Step.READY, (_held(ctx, job),), held)


def _ended(ctx: Context, job: Manifest) -> datetime:
    return observed.finished_at(job) or ctx.now


def _claim(ctx: Context) -> Stage | None:
    if ctx.claim_uid or (ctx.claim is None and ctx.cache.spec.storage.pvc.create):
        return None
    step = Step.CLAIM_MISSING if ctx.claim is None else Step.CLAIM_ENDING
    job = ctx.download
    # Kubernetes keeps a claim for as long as a pod uses it: where a download runs, what is read of
    # the claim is not the newest.
    runs = job is not None and step is Step.CLAIM_MISSING and _works(ctx, job)
    return Stage(step, (_held(ctx, job),) if job is not None and runs else ())


def _download(ctx: Context) -> Stage | None:
    job = ctx.download
    if job is None:
        return None
    chosen = choice.of_job(ctx, job)
    if observed.going(job):
        return Stage(Step.REPLACING, choice=chosen)
    kept = _held(ctx, job)
    filled = observed.annotation(job, naming.CLAIM)
    if filled and filled != ctx.claim_uid and not _works(ctx, job):
        return Stage(Step.REPLACING)
    ended = observed.finished(job)
    if ended == "Complete":
        # It stays until the status is seen to remember what it did, however late that is: until
        # then the Job alone knows. No event tells that the status has it.
        rested = ctx.now - _ended(ctx, job)
        ctx.clock.remind(max(REST - rested, timedelta(seconds=1)))
        return Stage(Step.READY, (kept,), chosen)
    if _edited(ctx, job, chosen) and (ended or not _works(ctx, job)):
        return Stage(Step.REPLACING)
    if not ended and not _works(ctx, job) and (shared := sharing.yields(ctx, job)):
        return Stage(Step.CLAIM_SHARED, (), chosen, shared)
    if ended == "Failed":
        since = _ended(ctx, job)
        if ctx.passed(since, REST):
            return Stage(Step.REPLACING)
        return Stage(Step.FAILED, (kept,), chosen, due=since + REST)
    return Stage(Step.DOWNLOADING, (kept,), chosen)


def _edited(ctx: Context, job: Manifest, chosen: Choice) -> bool:
    """Whether the NIMCache has been edited since a download was made.

    One of the reference operator's does not tell.
    """
    hashed = observed.annotation(job, naming.TEMPLATE)
    if not hashed:
        return False
    wanted = observed.annotation(download.made(ctx, chosen), naming.TEMPLATE)
    return hashed != wanted or observed.annotation(job, naming.INPUTS) != inputs.of(ctx)


def _works(ctx: Context, job: Manifest) -> bool:
    return observed.works(job, ctx.pods_of(job, "download"))


def _taken(ctx: Context) -> Stage | None:
    return _foreign(ctx, naming.download(ctx.cache))


def _foreign(ctx: Context, job: str) -> Stage | None:
    """Return the stage for a foreign Job of that name, such as one of an orphaned NIMCache."""
    found = ownership.finding(ctx, kinds.JOB, job)
    if found is None:
        return None
    remedy = f"delete it with kubectl delete job {job} -n {ctx.namespace}"
    return Stage(Step.TAKEN, finding=found._replace(remedy=remedy))


def _leftover(ctx: Context) -> Stage | None:
    """Two pods on one claim would spoil each other's files."""
    live = observed.alive(ctx.pods_in("download"))
    if not live:
        return None
    called = name(live[0])[:253]
    message = f"Pod {called} of a former download has not ended yet"
    # A pod without its Job ends soon: garbage collection deletes it. One that nobody deletes
    # does not.
    remedy = "" if observed.going(live[0]) else f"delete it with kubectl delete pod {called} -n "
    finding = Finding("Replacing", message, remedy and f"{remedy}{ctx.namespace}")
    return Stage(Step.REPLACING, finding=finding)


def _forbidden(ctx: Context) -> Stage | None:
    if not ctx.settings.openshift:
        return None
    found = security.not_allowed(
        template.scc(ctx), ctx.settings.openshift_constraints
    ) or ownership.account(ctx, naming.service_account(ctx.cache))
    return Stage(Step.FORBIDDEN, _probes(ctx), finding=found) if found else None


def _chosen(ctx: Context) -> Stage | None:
    chosen = choice.at_once(ctx) or choice.remembered(ctx)
    return _start(ctx, chosen) if chosen else None


def _start(ctx: Context, chosen: Choice) -> Stage:
    if refused := _without_data_sets(ctx, chosen):
        return Stage(Step.UNDECIDED, _probes(ctx), finding=refused)
    if not ctx.claim_uid:
        return Stage(Step.CLAIM_AWAITED, _probes(ctx), chosen)
    if shared := sharing.waits(ctx):
        return Stage(Step.CLAIM_SHARED, _probes(ctx), chosen, shared)
    # The probe goes once the download is seen: until then it is what the choice can be made from
    # again.
    return Stage(Step.STARTING, (download.made(ctx, chosen), *_probes(ctx)), chosen)


def _without_data_sets(ctx: Context, chosen: Choice) -> Finding | None:
    repository = ctx.cache.spec.source.repository
    if chosen.type != choice.MODEL_FREE or repository is None or not repository.dataset_name:
        return None
    return Finding(
        "DatasetUnsupported",
        "The image has no command that downloads a data set: it has no model manifest, so it "
        "downloads models alone",
        "create another NIMCache with an image that has huggingface-cli",
    )


def _probes(ctx: Context) -> tuple[Manifest, ...]:
    job = ctx.probe
    return () if job is None or observed.going(job) else (_held(ctx, job),)


def _probed(ctx: Context) -> Stage | None:
    if taken := _foreign(ctx, naming.probe(ctx.cache)):
        return taken
    job = ctx.probe
    wanted = probe.made(ctx)
    if job is None:
        return Stage(Step.PROBING, (wanted,))
    hashed = observed.annotation(job, naming.TEMPLATE)
    if observed.going(job) or hashed != observed.annotation(wanted, naming.TEMPLATE):
        return Stage(Step.PROBING)
    pods = ctx.pods_of(job, "probe")
    told = next((found for pod in reversed(pods) if (found := report.of(pod))), None)
    if told:
        decided = choice.reported(ctx, told)
        if isinstance(decided, Finding):
            return Stage(Step.UNDECIDED, _probes(ctx), finding=decided)
        return _start(ctx, decided)
    return _untold(ctx, job)


def _untold(ctx: Context, job: Manifest) -> Stage:
    """Return what follows on a probe without a report.

    Where the profiles are named, it does not stand in the way.
    """
    ended = observed.finished(job)
    if not ended:
        return Stage(Step.PROBING, _probes(ctx))
    if chosen := choice.without_report(ctx):
        return _start(ctx, chosen)
    since = _ended(ctx, job)
    if ctx.passed(since, AGAIN):
        return Stage(Step.PROBING)
    return Stage(Step.PROBE_FAILED, _probes(ctx), due=since + AGAIN)


def _held(ctx: Context, job: Manifest) -> Manifest:
    return lastapplied.held(job, ctx.settings.field_manager)


_STEPS = (
    _broken,
    _prefilled,
    _ready,
    _claim,
    _download,
    _taken,
    _leftover,
    _forbidden,
    _chosen,
    _probed,
)
"""In this order; the last one always finds."""

"""Verdict: whether the model is up, and if not, why. Of a chain of small checks the first wins."""

from datetime import timedelta
from typing import Literal

from hooks.kernel import builder
from hooks.kernel.finding import sentences
from hooks.kernel.observed import condition, number
from hooks.kernel.verdict import Verdict
from hooks.nimservice import kinds, platform
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked
from hooks.nimservice.status import cause, rollout
from hooks.nimservice.status.rollout import Rollout, arrival, deadline

_PATIENCE = timedelta(seconds=5)
"""How long an edit may take to reach the workload: applying it is one request."""

_RECOVERING = "Recovering"
"""The reason while lost replicas start again; the next sync knows the loss by it."""

_HELD = "The hooks keep the workload unchanged"


def of(ctx: Context) -> Verdict:
    """Return the verdict on the observed objects; that on a held workload adds why it is held."""
    verdict = next(verdict for check in CHECKS if (verdict := check(ctx)))
    if ctx.workload is None or not isinstance(ctx.store, Blocked):
        return verdict
    found = ctx.store.finding
    message = sentences(verdict.text, _HELD, found.cause)
    return verdict._replace(message=message, remedy=found.remedy)


def _switching(ctx: Context) -> Verdict | None:
    former = platform.former(ctx)
    if former is None:
        return None
    if platform.stays(ctx):
        return _kept(ctx, f"{former.name} keeps running until then")
    return Verdict(
        "NotReady",
        "SwitchingPlatform",
        f"The {ctx.workload_kind.kind} has to wait until {former.name} is gone",
        "Reconciling",
        former.remedy,
    )


def _kept(ctx: Context, former: str) -> Verdict:
    if isinstance(ctx.store, Blocked):
        found = ctx.store.finding
        progress: Literal["Stalled", "Reconciling"] = (
            "Stalled" if ctx.store.failed else "Reconciling"
        )
        message = sentences(found.cause, former)
        return Verdict("NotReady", found.reason, message, progress, found.remedy)
    found = builder.unmanaged(ctx.workload_kind)
    return Verdict("Failed", found.reason, sentences(found.cause, former), "Stalled", found.remedy)


def _without_store(ctx: Context) -> Verdict | None:
    if ctx.workload is not None or not isinstance(ctx.store, Blocked):
        return None
    found = ctx.store.finding
    if ctx.store.failed:
        return Verdict("Failed", found.reason, found.cause, "Stalled", found.remedy)
    return Verdict("Pending", found.reason, found.cause, "Reconciling", found.remedy)


def _missing(ctx: Context) -> Verdict | None:
    if ctx.workload is not None:
        return None
    if not ctx.manages(ctx.workload_kind):
        found = builder.unmanaged(ctx.workload_kind)
        return Verdict("Failed", found.reason, found.cause, "Stalled", found.remedy)
    if absent := cause.absent.workload(ctx):
        return Verdict("Pending", absent.reason, absent.cause, "Reconciling", absent.remedy)
    return _creating(ctx)


def _new(ctx: Context) -> Verdict | None:
    """Return the verdict before: each status is a write, and many are made at once."""
    return _creating(ctx) if deadline.is_new(ctx) else None


def _creating(ctx: Context) -> Verdict:
    kind = ctx.workload_kind.kind
    return Verdict("Pending", "Creating", f"The {kind} is being created", "Reconciling")


def _unapplied(ctx: Context) -> Verdict | None:
    stuck = arrival.stuck(ctx)
    if stuck is None and not arrival.unapplied(ctx):
        return None
    if not ctx.passed(stuck or ctx.now, _PATIENCE):
        return Verdict(
            "NotReady",
            arrival.UPDATING,
            f"The latest edit is on its way to the {ctx.workload_kind.kind}",
            "Reconciling",
        )
    events = f"kubectl describe nims {ctx.nim.name} -n {ctx.nim.namespace}"
    return Verdict(
        "NotReady",
        arrival.NOT_APPLIED,
        f"The API server refuses the latest edit, so the {ctx.workload_kind.kind} runs unchanged",
        "Reconciling",
        f"correct the field in the events of {events}",
    )


def _scaled_to_zero(ctx: Context) -> Verdict | None:
    found = rollout.of(ctx)
    if found is None or found.wanted or found.waiting:
        return None
    return Verdict(
        "Ready", "ScaledToZero", "Scaled to zero", remedy="set spec.replicas to start the model"
    )


def _ready(ctx: Context) -> Verdict | None:
    found = rollout.of(ctx)
    if found is None or found.waiting:
        return None
    return Verdict(
        "Ready",
        "Ready",
        found.complete
        or f"{min(found.available, found.wanted)} of {found.wanted} replicas are available",
    )


def _overdue(ctx: Context) -> Verdict | None:
    found = rollout.of(ctx)
    if found is None or found.overdue is None:
        return None
    message, remedy = _because(ctx, found.overdue)
    return Verdict("Failed", "ProgressDeadlineExceeded", message, "Stalled", remedy)


def _scaling_up(ctx: Context) -> Verdict | None:
    found = rollout.of(ctx)
    if found is None or not found.scaling or not found.available:
        return None
    message, remedy = _because(ctx, f"{found.available} of {found.wanted} replicas are available")
    reason = _RECOVERING if _lost_one(ctx, found) else "ScalingUp"
    return Verdict("Ready", reason, message, "Reconciling", remedy)


def _lost_one(ctx: Context, found: Rollout) -> bool:
    """Whether the replicas that a model lacks have been there before."""
    before = condition(ctx.request.parent, "Ready").get("reason")
    if before == _RECOVERING and ctx.status.get("observedGeneration") == ctx.generation:
        return True
    had = number(ctx.status.get("replicas"))
    return before in ("Ready", _RECOVERING) and found.wanted <= had


def _trouble(ctx: Context) -> Verdict | None:
    found = cause.worst(ctx)
    if found is None:
        return None
    return Verdict("NotReady", found.reason, found.cause, "Reconciling", found.remedy)


def _rolling_out(ctx: Context) -> Verdict:
    found = rollout.of(ctx)
    waiting = (found and found.waiting) or "The rollout has not finished"
    # A Deployment reports why it cannot create its pods. Creators of other pods are not observed.
    if (
        ctx.workload_kind is not kinds.DEPLOYMENT
        and found
        and found.wanted
        and cause.podgroups.is_empty(ctx)
    ):
        return Verdict(
            "NotReady",
            "RollingOut",
            sentences(waiting, "No pod exists yet"),
            "Reconciling",
            f"see kubectl get events -n {ctx.nim.namespace} if this lasts",
        )
    return Verdict("NotReady", "RollingOut", waiting, "Reconciling")


def _because(ctx: Context, what: str) -> tuple[str, str]:
    """Return a message with the worst trouble as its cause, and the remedy."""
    found = cause.worst(ctx)
    return (sentences(what, found.cause), found.remedy) if found else (what, "")


CHECKS = (
    _switching,
    _without_store,
    _missing,
    _unapplied,
    _new,
    _scaled_to_zero,
    _ready,
    _overdue,
    _scaling_up,
    _trouble,
    _rolling_out,
)
"""In the order of their precedence; the last always returns a verdict."""

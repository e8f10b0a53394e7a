"""Verdict: is the model up, and if not, why: a chain of small checks, the first finding wins."""

from datetime import timedelta
from typing import Literal

from hooks.kernel.verdict import Verdict
from hooks.nimservice import kinds, platform
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked
from hooks.nimservice.status import cause, rollout

_PATIENCE = timedelta(seconds=5)
"""How long an edit may take to be observed on the workload: applying it is one request."""


def of(ctx: Context) -> Verdict:
    """Return the verdict on what the cluster has now; that of a workload which is held says so, and why: no edit reaches it."""
    said = next(verdict for check in CHECKS if (verdict := check(ctx)))
    if ctx.workload is None or not isinstance(ctx.store, Blocked):
        return said
    return said._replace(message=f"{said.message}; held as it is: {ctx.store.finding.message}")


def _switching(ctx: Context) -> Verdict | None:
    former = platform.former(ctx)
    if former is None:
        return None
    if platform.stays(ctx):
        return _kept(ctx, f"{former} keeps running until then")
    return Verdict(
        "NotReady",
        "SwitchingPlatform",
        f"{ctx.workload_kind.kind} follows when nothing of the former platform is left; still there: {former}",
        "Reconciling",
    )


def _kept(ctx: Context, former: str) -> Verdict:
    if isinstance(ctx.store, Blocked):
        progress: Literal["Stalled", "Reconciling"] = (
            "Stalled" if ctx.store.failed else "Reconciling"
        )
        return Verdict(
            "NotReady", ctx.store.finding.reason, f"{ctx.store.finding.message}; {former}", progress
        )
    return Verdict("Failed", "KindNotManaged", f"{_unmanaged(ctx)}; {former}", "Stalled")


def _without_store(ctx: Context) -> Verdict | None:
    if ctx.workload is not None or not isinstance(ctx.store, Blocked):
        return None
    found = ctx.store.finding
    if ctx.store.failed:
        return Verdict("Failed", found.reason, found.text, "Stalled")
    return Verdict("Pending", found.reason, found.text, "Reconciling")


def _missing(ctx: Context) -> Verdict | None:
    if ctx.workload is not None:
        return None
    if not ctx.manages(ctx.workload_kind):
        return Verdict("Failed", "KindNotManaged", _unmanaged(ctx), "Stalled")
    if absent := cause.absent.workload(ctx):
        return Verdict("Pending", absent.reason, absent.message, "Reconciling")
    return Verdict(
        "Pending", "Creating", f"{ctx.workload_kind.kind} is being created", "Reconciling"
    )


def _unmanaged(ctx: Context) -> str:
    kind = ctx.workload_kind.kind
    found = (
        each.text
        for each in ctx.plan.findings
        if each.reason == "KindNotManaged" and each.subject == kind
    )
    return next(found, f"{kind} is wanted, but this installation does not manage it")


def _unapplied(ctx: Context) -> Verdict | None:
    stuck = rollout.stuck(ctx)
    if stuck is None and not rollout.unapplied(ctx):
        return None
    if stuck is None or stuck < _PATIENCE:
        return Verdict(
            "NotReady",
            rollout.UPDATING,
            f"The latest edit is on its way to the {ctx.workload_kind.kind}",
            "Reconciling",
        )
    tells = f"kubectl describe nims {ctx.nim.name} -n {ctx.nim.namespace} tells why"
    runs = (
        f"{ctx.workload_kind.kind} runs on as it was: the API server does not take the latest edit"
    )
    return Verdict(
        "NotReady",
        rollout.NOT_APPLIED,
        f"{runs}; {tells}, correct the field that it names",
        "Reconciling",
    )


def _scaled_to_zero(ctx: Context) -> Verdict | None:
    found = rollout.of(ctx)
    if found is None or found.wanted or found.waiting:
        return None
    return Verdict("Ready", "ScaledToZero", "scaled to zero: set spec.replicas to start it")


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
    return Verdict("Failed", "ProgressDeadlineExceeded", _because(ctx, found.overdue), "Stalled")


def _scaling_up(ctx: Context) -> Verdict | None:
    found = rollout.of(ctx)
    if found is None or not found.scaling or not found.available:
        return None
    return Verdict(
        "Ready",
        "ScalingUp",
        _because(ctx, f"{found.available} of {found.wanted} replicas are available"),
        "Reconciling",
    )


def _trouble(ctx: Context) -> Verdict | None:
    trouble = cause.worst(ctx)
    return Verdict("NotReady", trouble.reason, trouble.message, "Reconciling") if trouble else None


def _rolling_out(ctx: Context) -> Verdict:
    found = rollout.of(ctx)
    waiting = (found and found.waiting) or "waiting for the rollout to finish"
    # A Deployment says itself why it cannot create its pods; what makes those of a group, or KServe's, is not observed.
    if (
        ctx.workload_kind is not kinds.DEPLOYMENT
        and found
        and found.wanted
        and cause.podgroups.is_empty(ctx)
    ):
        waiting += f"; no pod of it exists: kubectl get events -n {ctx.nim.namespace} tells why, should it stay so"
    return Verdict("NotReady", "RollingOut", waiting, "Reconciling")


def _because(ctx: Context, what: str) -> str:
    trouble = cause.worst(ctx)
    return f"{what.rstrip('.')}: {trouble.message}" if trouble else what


CHECKS = (
    _switching,
    _without_store,
    _missing,
    _unapplied,
    _scaled_to_zero,
    _ready,
    _overdue,
    _scaling_up,
    _trouble,
    _rolling_out,
)
"""In this order; the last one always finds."""

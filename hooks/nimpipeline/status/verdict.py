"""Verdict: whether all services are up, and if not, which and why. The first check wins."""

from hooks.kernel import deletion, observed
from hooks.kernel.finding import sentences
from hooks.kernel.verdict import Verdict
from hooks.nimpipeline import kinds
from hooks.nimpipeline.context import Context
from hooks.nimpipeline.status import patience, report
from hooks.nimpipeline.status.report import Report


def of(ctx: Context) -> Verdict:
    """Return the verdict on the observed NIMServices."""
    return next(verdict for check in CHECKS if (verdict := check(ctx)))


def _troubled(ctx: Context) -> Verdict | None:
    reports = ctx.once(report.of)
    left = sorted(_not_ready(reports), key=lambda each: each.rank)
    if not left:
        return None
    first = left[0]
    if first.reason == patience.UPDATING.reason:
        ctx.clock.remind(patience.UPDATING.patience)  # the status begins to count it
    state = "Failed" if any(each.state == "Failed" for each in left) else "NotReady"
    counted = f"{report.count(reports)} services are Ready"
    message = sentences(counted, f"{first.service}: {first.message}")
    return Verdict(state, first.reason, message, first.progress, first.remedy)


def _not_ready(reports: tuple[Report, ...]) -> list[Report]:
    return [each for each in reports if each.state != "Ready"]


def _draining(ctx: Context) -> Verdict | None:
    wanted = {service.name for service in ctx.pipeline.enabled}
    running = ctx.request.observed(kinds.NIM_SERVICE).values()
    left = {observed.name(each): each for each in running if observed.name(each) not in wanted}
    if not left:
        return None
    ending = sorted(left)
    held = {name: found for name in ending if (found := deletion.foreign_finalizer(left[name]))}
    counted = report.count(ctx.once(report.of))
    former = f"Former services are ending ({', '.join(ending)})"
    by = [f"{name} is held by finalizer {finalizer}" for name, finalizer in held.items()]
    message = sentences(f"{counted} services are Ready", former, *by)
    remedy = deletion.CHECK_FINALIZER if held else ""
    return Verdict("Ready", "Draining", message, "Reconciling", remedy)


def _nothing(ctx: Context) -> Verdict | None:
    if ctx.pipeline.enabled:
        return None
    remedy = "set enabled to true in spec.services to start one"
    return Verdict("Ready", "NothingEnabled", "No service is enabled", remedy=remedy)


def _ready(ctx: Context) -> Verdict:
    counted = report.count(ctx.once(report.of))
    return Verdict("Ready", "Ready", f"{counted} services are Ready")


CHECKS = (_troubled, _draining, _nothing, _ready)
"""In the order of their precedence; the last always returns a verdict."""

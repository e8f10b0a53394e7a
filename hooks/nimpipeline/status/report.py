"""Report: how one service of a pipeline is, by its NIMService as soon as that has a status."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from hooks.kernel import deletion, lastapplied, observed
from hooks.kernel.manifest import Manifest
from hooks.nimpipeline import kinds
from hooks.nimpipeline.api.service import Service
from hooks.nimpipeline.context import Context
from hooks.nimpipeline.status import patience, place


class Report(NamedTuple):
    """How one service is."""

    service: str
    state: str
    """Its state in one word, as in ``status.states``."""
    reason: str
    message: str
    """What is the case, as a sentence without its full stop."""
    progress: Literal["Reconciling", "Stalled"] = "Reconciling"
    rank: int = 0
    """The status tells the report of the lowest rank."""
    remedy: str = ""
    """What to do about it, as a clause in lower case; empty where nothing is to be done."""


FAILED, BLOCKED, MOVING, WAITING = range(4)
"""Ranks: a failed service, a refused write, a change in progress, a NIMService that waits."""


def of(ctx: Context) -> tuple[Report, ...]:
    """Return a report on each enabled service, in the order of the spec."""
    return tuple(_report(ctx, service) for service in ctx.pipeline.enabled)


def count(reports: Iterable[Report]) -> str:
    """Return how many services are Ready, for example ``2/3``."""
    states = [each.state for each in reports]
    return f"{states.count('Ready')}/{len(states)}"


def _report(ctx: Context, service: Service) -> Report:
    return next(found for check in CHECKS if (found := check(ctx, service)))


def _taken(ctx: Context, service: Service) -> Report | None:
    subject = f"{kinds.NIM_SERVICE.kind}/{service.name}"
    for found in ctx.plan.findings:
        if found.subject == subject:
            return Report(
                service.name,
                "NotReady",
                found.reason,
                found.cause,
                "Stalled",
                BLOCKED,
                found.remedy,
            )
    return None


def _missing(ctx: Context, service: Service) -> Report | None:
    if ctx.running(service.name) is not None:
        return None
    if not patience.lost(ctx, patience.CREATING):
        return Report(
            service.name,
            "NotReady",
            patience.CREATING.reason,
            "The NIMService is being created",
            rank=MOVING,
        )
    return Report(
        service.name,
        "NotReady",
        patience.CREATING.lost,
        "The NIMService is desired but missing",
        "Stalled",
        BLOCKED,
        remedy=f"see the API server's answer in {_describe(ctx)}",
    )


def _leaving(ctx: Context, service: Service) -> Report | None:
    running = ctx.running(service.name) or {}
    if not observed.deleted(running):
        return None
    message, remedy = "The NIMService waits until the former one is gone", ""
    if finalizer := deletion.foreign_finalizer(running):
        message, remedy = f"{message}, held by finalizer {finalizer}", deletion.CHECK_FINALIZER
    return Report(service.name, "NotReady", "Replacing", message, rank=MOVING, remedy=remedy)


def _unapplied(ctx: Context, service: Service) -> Report | None:
    running = ctx.running(service.name) or {}
    wanted = next(each for each in ctx.plan.children if observed.name(each) == service.name)
    if not lastapplied.differs(running, wanted, ctx.settings.field_manager):
        return None
    if not patience.lost(ctx, patience.UPDATING):
        return Report(
            service.name,
            "NotReady",
            patience.UPDATING.reason,
            "The latest edit is on its way to the NIMService",
            rank=MOVING,
        )
    return Report(
        service.name,
        "NotReady",
        patience.UPDATING.lost,
        "The API server refuses the latest edit, so the NIMService runs unchanged",
        "Stalled",
        BLOCKED,
        _correct(ctx, service, running),
    )


def _correct(ctx: Context, service: Service, running: Manifest) -> str:
    """Return the remedy for a refused edit; fields of others stay, and one source is too many."""
    kept = observed.mapping(observed.spec(running).get("storage"))
    wanted = observed.mapping((service.spec or {}).get("storage"))
    if others := sorted((kept.keys() - wanted.keys()) & _SOURCES):
        edit = f"kubectl edit nimservices {service.name} -n {ctx.namespace}"
        return f"replace its spec.storage.{others[0]} by the source of the pipeline with {edit}"
    return f"correct the field in the events of {_describe(ctx)}"


_SOURCES = {"emptyDir", "hostPath", "nimCache", "pvc"}


def _describe(ctx: Context) -> str:
    return f"kubectl describe nimpipeline {ctx.pipeline.name} -n {ctx.namespace}"


def _unseen(ctx: Context, service: Service) -> Report | None:
    running = ctx.running(service.name) or {}
    generation = observed.metadata(running).get("generation")
    if observed.status(running).get("observedGeneration") == generation:
        return None
    return Report(
        service.name,
        "NotReady",
        "AwaitingStatus",
        "The NIMService has no status for its current spec yet",
        rank=MOVING,
    )


def _told(ctx: Context, service: Service) -> Report:
    running: Manifest = ctx.running(service.name) or {}
    state = observed.text(observed.status(running).get("state")) or "NotReady"
    ready = observed.condition(running, "Ready")
    stalled = observed.condition(running, "Stalled").get("status") == "True"
    return Report(
        service.name,
        state,
        observed.text(ready.get("reason")) or "AwaitingStatus",
        place.of(ctx.pipeline, service.name, observed.text(ready.get("message"))),
        "Stalled" if stalled else "Reconciling",
        FAILED if state == "Failed" else WAITING,
    )


CHECKS = (_taken, _missing, _leaving, _unapplied, _unseen, _told)
"""In the order of their precedence; the last always returns a report."""

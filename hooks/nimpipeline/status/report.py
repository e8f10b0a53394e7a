"""Report: how one service of a pipeline is, in the words of its NIMService as soon as that has some."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from hooks.kernel import lastapplied, observed
from hooks.kernel.manifest import Manifest
from hooks.nimpipeline import kinds
from hooks.nimpipeline.api.service import Service
from hooks.nimpipeline.context import Context
from hooks.nimpipeline.status import patience


class Report(NamedTuple):
    """How one service is."""

    service: str
    state: str
    """Its state in one word, as ``status.states`` has it."""
    reason: str
    message: str
    progress: Literal["Reconciling", "Stalled"] = "Reconciling"
    rank: int = 0
    """What is told of several: the lower the sooner."""


FAILED, BLOCKED, MOVING, WAITING = range(4)
"""Ranks: what has failed, what does not get through to the cluster, what is on its way, what its NIMService waits for."""


def of(ctx: Context) -> tuple[Report, ...]:
    """Return a report on each service that is enabled, in the order of the spec."""
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
            return Report(service.name, "NotReady", found.reason, found.text, "Stalled", BLOCKED)
    return None


def _missing(ctx: Context, service: Service) -> Report | None:
    if ctx.running(service.name) is not None:
        return None
    if not patience.lost(ctx, patience.CREATING):
        return Report(
            service.name,
            "NotReady",
            patience.CREATING.reason,
            "its NIMService is being created",
            rank=MOVING,
        )
    message = (
        "its NIMService should exist and cannot be seen: if the API server refuses it,"
        f" {_describe(ctx)} has its words, correct the field that they name"
    )
    return Report(service.name, "NotReady", patience.CREATING.lost, message, rank=BLOCKED)


def _leaving(ctx: Context, service: Service) -> Report | None:
    running = ctx.running(service.name) or {}
    if not observed.deleted(running):
        return None
    return Report(
        service.name,
        "NotReady",
        "Replacing",
        "its former NIMService is being deleted, and is made again when that is gone",
        rank=MOVING,
    )


def _unapplied(ctx: Context, service: Service) -> Report | None:
    running = ctx.running(service.name) or {}
    applied = lastapplied.last_applied(running, ctx.settings.field_manager).get("spec")
    wanted = next(each for each in ctx.plan.children if observed.name(each) == service.name)
    if _comparable(applied) == _comparable(wanted["spec"]):
        return None
    if not patience.lost(ctx, patience.UPDATING):
        return Report(
            service.name,
            "NotReady",
            patience.UPDATING.reason,
            "the latest edit is on its way to its NIMService",
            rank=MOVING,
        )
    message = (
        "its NIMService runs on as it was: the API server does not take the latest edit;"
        f" {_describe(ctx)} tells why, correct the field that it names"
    )
    return Report(service.name, "NotReady", patience.UPDATING.lost, message, rank=BLOCKED)


def _describe(ctx: Context) -> str:
    return f"kubectl describe nimpipeline {ctx.pipeline.name} -n {ctx.namespace}"


def _comparable(spec: object) -> object:
    """Return a spec without its replicas where others may scale it, and its lists of objects in an order of their own."""
    if isinstance(spec, dict):
        return {key: _comparable(spec[key]) for key in sorted(spec)}
    if isinstance(spec, list) and all(isinstance(item, dict) for item in spec):
        return sorted(map(_comparable, spec), key=str)
    return spec


def _unseen(ctx: Context, service: Service) -> Report | None:
    running = ctx.running(service.name) or {}
    generation = observed.metadata(running).get("generation")
    if observed.status(running).get("observedGeneration") == generation:
        return None
    return Report(
        service.name,
        "NotReady",
        "AwaitingStatus",
        "its NIMService has no status yet that is as new as its spec",
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
        observed.text(ready.get("message")),
        "Stalled" if stalled else "Reconciling",
        FAILED if state == "Failed" else WAITING,
    )


CHECKS = (_taken, _missing, _leaving, _unapplied, _unseen, _told)
"""In this order; the last one always finds."""

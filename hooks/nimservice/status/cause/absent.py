"""Absent: children that are wanted and stay unobserved, because they are refused or an object of their name is someone else's (B9)."""

from collections.abc import Iterator
from datetime import timedelta

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, status
from hooks.nimservice.context import Context
from hooks.nimservice.status import rollout

REASON = "ChildNotObserved"

_PATIENCE = timedelta(seconds=60)
"""How long a workload may take to be observed: creating it is one request, and its event arrives within seconds."""


def warnings(ctx: Context) -> Iterator[Finding]:
    """Yield the children that an earlier sync of the same spec asked for, and that are not there."""
    if ctx.status.get("observedGeneration") != ctx.nim.metadata.generation:
        return
    if ctx.workload is None:
        missing = (
            [each for each in _unobserved(ctx) if _is_workload(ctx, each)] if _overdue(ctx) else []
        )
    else:
        # Once a controller has noticed the workload, what was made with it would have been observed too.
        missing = list(_unobserved(ctx)) if status(ctx.workload) else []
    if missing:
        yield _finding(ctx, missing)


def workload(ctx: Context) -> Finding | None:
    """Return why a workload that is not there, although it was asked for, is not: it is somebody else's, or has not come for a while."""
    subject = f"{ctx.workload_kind.kind}/{ctx.workload_name}"
    return next(
        (
            each
            for each in (*ctx.plan.findings, *warnings(ctx))
            if each.reason == REASON and each.subject == subject
        ),
        None,
    )


def _unobserved(ctx: Context) -> Iterator[Manifest]:
    for child in ctx.plan.children:
        group = ctx.request.children.get(f"{child['kind']}.{child['apiVersion']}") or {}
        if f"{ctx.nim.namespace}/{child['metadata']['name']}" not in group:
            yield child


def _is_workload(ctx: Context, child: Manifest) -> bool:
    return bool(
        child["kind"] == ctx.workload_kind.kind
        and child["apiVersion"] == ctx.workload_kind.api_version
    )


def _overdue(ctx: Context) -> bool:
    """Whether the status has said for a while that the workload is being created; the clock that is handed in tells."""
    ready = condition({"status": ctx.status}, "Ready")
    since = rollout.moment(ready.get("lastTransitionTime"))
    return (
        since is not None
        and ready.get("reason") in ("Creating", REASON)
        and ctx.now - since >= _PATIENCE
    )


def _finding(ctx: Context, missing: list[Manifest]) -> Finding:
    names = [f"{child['kind']} {child['metadata']['name']}" for child in missing]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    kind, name = missing[0]["kind"].lower(), missing[0]["metadata"]["name"]
    return Finding(
        REASON,
        f"{listed} should exist and cannot be seen: if the API server refuses it, kubectl describe nimservice {ctx.nim.name} -n"
        f" {ctx.nim.namespace} has its words; if it belongs to someone else, kubectl get {kind} {name} -n {ctx.nim.namespace} --show-labels"
        " tells whose",
        subject=f"{missing[0]['kind']}/{name}",
    )

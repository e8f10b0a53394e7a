"""Absent: desired children that stay missing.

The API server refuses them, or their name is taken.
"""

from collections.abc import Iterator
from datetime import timedelta

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, moment, status
from hooks.nimservice.context import Context

REASON = "ChildNotObserved"

_PATIENCE = timedelta(seconds=60)
"""How long a new workload may be missing: creating it is one request, seen within seconds."""


def warnings(ctx: Context) -> Iterator[Finding]:
    """Yield a finding on the children that a former sync of the same spec desired in vain."""
    if ctx.status.get("observedGeneration") != ctx.nim.metadata.generation:
        return
    if ctx.workload is None:
        missing = (
            [each for each in _unobserved(ctx) if _is_workload(ctx, each)] if _overdue(ctx) else []
        )
    else:
        # Once a controller has noticed the workload, the children made with it are observed too.
        missing = list(_unobserved(ctx)) if status(ctx.workload) else []
    if missing:
        yield _finding(ctx, missing)


def workload(ctx: Context) -> Finding | None:
    """Return why the desired workload is not observed: its name is taken, or it stays missing."""
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
        group = ctx.request.children.get(f"{child['kind']}.{child['apiVersion']}", {})
        if f"{ctx.nim.namespace}/{child['metadata']['name']}" not in group:
            yield child


def _is_workload(ctx: Context, child: Manifest) -> bool:
    return bool(
        child["kind"] == ctx.workload_kind.kind
        and child["apiVersion"] == ctx.workload_kind.api_version
    )


def _overdue(ctx: Context) -> bool:
    """Whether the status has reported the workload missing for longer than ``_PATIENCE``."""
    ready = condition({"status": ctx.status}, "Ready")
    since = moment(ready.get("lastTransitionTime"))
    return (
        since is not None
        and ready.get("reason") in ("Creating", REASON)
        and ctx.passed(since, _PATIENCE)
    )


def _finding(ctx: Context, missing: list[Manifest]) -> Finding:
    names = [f"{child['kind']} {child['metadata']['name']}" for child in missing]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    kind, name = missing[0]["kind"].lower(), missing[0]["metadata"]["name"]
    are, namespace = "is" if len(missing) == 1 else "are", ctx.nim.namespace
    return Finding(
        REASON,
        f"{listed} {are} desired but missing",
        "see the API server's answer in "
        f"kubectl describe nimservice {ctx.nim.name} -n {namespace}, or the owner of the name in "
        f"kubectl get {kind} {name} -n {namespace} --show-labels",
        subject=f"{missing[0]['kind']}/{name}",
    )

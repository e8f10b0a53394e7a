"""Status: reports what is observed, and why.

It reads the plan only to compare: to count replicas, to find missing children, and to tell an edit
that has not arrived. It never reports a desired state as an observed one.
"""

from hooks.kernel import condition
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest, without_none
from hooks.kernel.observed import mapping, text
from hooks.kernel.verdict import Verdict
from hooks.nimservice import modelstore, naming
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked
from hooks.nimservice.status import cause, device, edit, endpoint, rollout
from hooks.nimservice.status.rollout import deadline, desired


def observe(ctx: Context, verdict: Verdict) -> Manifest:
    """Return the status of the observed objects under a verdict."""
    found = rollout.of(ctx)
    status: Manifest = without_none(
        {
            "state": verdict.state,
            "conditions": condition.conditions(
                verdict, _findings(ctx), ctx.status, ctx.nim.metadata.generation, ctx.now
            ),
            "replicas": found.replicas if found else 0,
            "availableReplicas": found.available if found else 0,
            "selector": ",".join(
                f"{key}={value}" for key, value in sorted(naming.selector(ctx.nim).items())
            ),
            "model": _model(ctx),
            # A workload that the answer leaves out may still exist, with its former store.
            "modelStore": modelstore.remember(ctx.resolution, ctx.status)
            if ctx.makes_workload
            else modelstore.recorded.of_status(ctx.status) or None,
            "workloadHash": desired.workload_hash(ctx),
            "lastProgressTime": condition.timestamp(found.progressed)
            if found and found.progressed and not deadline.is_new(ctx)
            else None,
            "groupFailure": cause.failure(ctx),
            "children": edit.remember(ctx),
            "draResourceStatuses": device.claims(ctx),
            "computeDomainStatus": device.domain(ctx),
        }
    )
    return status


def _findings(ctx: Context) -> list[Finding]:
    """Return the findings of building, with missing storage or devices once a workload runs."""
    blocked = (
        [ctx.store.finding] if isinstance(ctx.store, Blocked) and ctx.workload is not None else []
    )
    return [*blocked, *ctx.plan.findings, *edit.findings(ctx), *cause.warnings(ctx)]


def _model(ctx: Context) -> Manifest | None:
    known = mapping(ctx.status.get("model"))
    if not known and (ctx.workload is None or deadline.is_new(ctx)):
        return None  # nothing can answer there yet
    cluster = endpoint.cluster(ctx)
    return (
        {
            "name": text(known.get("name")) or None,
            "observedGeneration": known.get("observedGeneration"),
            "clusterEndpoint": cluster,
            "externalEndpoint": endpoint.external(ctx),
        }
        if cluster
        else None
    )

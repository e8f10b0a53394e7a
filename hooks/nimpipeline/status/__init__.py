"""Status: reports what is observed of the NIMServices of a pipeline, never a wish as a fact."""

from hooks.kernel import condition
from hooks.kernel.manifest import Manifest, without_none
from hooks.kernel.verdict import Verdict
from hooks.nimpipeline.context import Context
from hooks.nimpipeline.status import degraded, report


def observe(ctx: Context, said: Verdict) -> Manifest:
    """Return the status for what the cluster has now, and what is to be said about it."""
    reports = ctx.once(report.of)
    status: Manifest = without_none(
        {
            "state": said.state,
            "states": {each.service: each.state for each in reports} or None,
            "readyServices": report.count(reports),
            "conditions": condition.conditions(
                said, degraded.findings(ctx), ctx.status, ctx.generation, ctx.now
            ),
        }
    )
    return status

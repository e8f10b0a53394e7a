"""Autoscaler: why the HorizontalPodAutoscaler does not scale."""

from collections.abc import Iterator

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, name, text
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context

REMEDIES = {
    "FailedGetResourceMetric": (
        "install or repair the metrics server, and set spec.resources.requests"
    ),
    "FailedGetPodsMetric": "check the adapter of the custom metrics API",
    "FailedGetObjectMetric": "check the adapter of the custom metrics API",
    "FailedGetExternalMetric": "check the adapter of the external metrics API",
}
"""The remedy for each reason that is both the autoscaler's and ours."""

_OURS = {"FailedGetContainerResourceMetric": "FailedGetResourceMetric"}


def warnings(ctx: Context) -> Iterator[Finding]:
    """Yield why the autoscaler does not scale, once a pod serves: before, there are no metrics."""
    autoscaler = ctx.child(kinds.HORIZONTAL_POD_AUTOSCALER, naming.workload(ctx.nim))
    if autoscaler is None:
        return
    for kind in ("AbleToScale", "ScalingActive"):
        found = condition(autoscaler, kind)
        # At zero replicas it is off on purpose.
        if found.get("status") == "False" and found.get("reason") != "ScalingDisabled":
            yield _warning(autoscaler, found)
            return


def _warning(autoscaler: Manifest, found: Manifest) -> Finding:
    reason = _OURS.get(text(found.get("reason")), text(found.get("reason")))
    remedy = REMEDIES.get(reason, "follow the quoted message")
    said = prose.quoted(prose.of(text(found.get("message")), 300))
    known = reason if reason in REMEDIES else "AutoscalerInactive"
    return Finding(
        known, f"HorizontalPodAutoscaler {name(autoscaler)[:253]} does not scale{said}", remedy
    )

"""Replicas: decides who owns the number of replicas, so that it never jumps on a hand-over."""

from hooks.kernel import lastapplied, strict
from hooks.kernel.lastapplied import MANAGED_FIELDS
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import spec
from hooks.nimservice.context import Context


def wanted(ctx: Context) -> int | None:
    """Return the number of replicas to apply, or None if somebody else owns the field."""
    nim, workload = ctx.nim, ctx.workload
    if workload is None:
        return None if nim.autoscaled else nim.replicas
    if not nim.autoscaled and nim.spec.replicas is not None:
        return nim.spec.replicas
    current = strict.number(workload, "spec", "replicas")
    if "replicas" not in spec(workload):
        return None if nim.autoscaled else 1
    if not current and nim.autoscaled and nim.spec.scale.hpa:
        return nim.spec.scale.hpa.min_replicas  # An autoscaler does nothing at zero (Q39).
    # Zero counts as well: putting back 1 would load the model again each time that KEDA stops it.
    return current if _ours(workload, ctx.settings.field_manager) else None


def _ours(workload: Manifest, field_manager: str) -> bool:
    """Whether leaving the number out would reset it to 1.

    Dynamic apply would if its record has the number, server-side apply if nobody else has set it
    since. Either record counts, since anybody may have written the other one.
    """
    if "replicas" in spec(lastapplied.last_annotation(workload) or {}):
        return True
    owners = [
        (entry.get("manager"), entry.get("operation"))
        for index, entry in enumerate(strict.mappings(workload, *MANAGED_FIELDS))
        if "f:replicas" in strict.mapping(workload, *MANAGED_FIELDS, index, "fieldsV1", "f:spec")
    ]
    return owners == [(field_manager, "Apply")]

"""Copied: what KServe copies from an InferenceService to its pods, and how these stay as they are.

KServe copies labels and annotations, so that an edit of one restarts the pods. What stands in the
predictor goes before what stands on the InferenceService.
"""

from collections.abc import Iterator

from hooks.kernel import strict
from hooks.kernel.finding import Finding
from hooks.kernel.observed import annotations, mapping, spec
from hooks.nimservice import kinds, naming
from hooks.nimservice.api import kserve
from hooks.nimservice.context import Context


def visibility(ctx: Context, *, routed: bool) -> tuple[str | None, str | None]:
    """Return the label of visibility for the InferenceService, and that for its predictor.

    KServe reads the first. The second gives the pods the one that they have, if that is another.
    """
    wanted = ctx.nim.spec.labels.get(kserve.VISIBILITY) or (
        kserve.EXPOSED if routed else kserve.LOCAL
    )
    if ctx.workload is None:
        return wanted, None
    first, second = ("spec", "predictor", "labels"), ("metadata", "labels")
    place = first if kserve.VISIBILITY in strict.mapping(ctx.workload, *first) else second
    if there := strict.text(ctx.workload, *place, kserve.VISIBILITY):
        return wanted, there if there != wanted else None
    # No label takes away one that is copied: pods without it restart once it is needed.
    return (None if wanted == kserve.EXPOSED else wanted), None


def autoscaler(ctx: Context) -> str | None:
    """Return the class of the autoscaler, as the InferenceService has it once it exists.

    It names KServe's default, so that it tells KServe nothing. A class among the user's annotations
    is in the predictor, and so the pods', whatever the InferenceService has.
    """
    if ctx.workload is None or kserve.AUTOSCALER_CLASS in ctx.nim.spec.annotations:
        return kserve.HPA if ctx.nim.autoscaled else None
    there = strict.text(ctx.workload, "metadata", "annotations", kserve.AUTOSCALER_CLASS)
    if ctx.nim.autoscaled:
        return kserve.HPA if there else None
    return kserve.HPA if there == kserve.HPA else None


def findings(ctx: Context) -> Iterator[Finding]:
    """Yield what KServe's pods show that it copies and what restarts them at each edit."""
    deployment = ctx.related_named(kinds.DEPLOYMENT, naming.predictor(ctx.nim))
    template = mapping(spec(deployment or {}).get("template"))
    there, given = annotations(template), annotations(ctx.workload or {})
    # Server-side apply leaves no record; that of a former engine goes with the next edit.
    if keys := [key for key in kserve.RECORDS if key in there and key in given]:
        yield Finding(
            "KServeCopiesMetadata",
            f"KServe copies the annotation {', '.join(keys)} to the pods, so every edit that "
            "changes the InferenceService restarts them",
            f"add it to {kserve.ANNOTATIONS_NOT_COPIED} in KServe's ConfigMap "
            f"{kserve.CONFIG_MAP}; nimservice doctor prints the command",
        )

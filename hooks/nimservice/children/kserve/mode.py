"""Mode: what KServe makes of an InferenceService, a Deployment or a Service of Knative."""

from collections.abc import Iterator

from hooks.kernel.finding import Finding
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.kserve import DEPLOYMENT_MODE, KNATIVE_MODES, STANDARD_MODES
from hooks.nimservice.context import Context


def of(ctx: Context) -> str:
    """Return the deployment mode: what exists decides, then the user, then the installation."""
    return _reported(ctx) or _asked(ctx) or ctx.settings.kserve_deployment_mode


def standard(ctx: Context) -> bool:
    """Whether KServe makes a Deployment."""
    return of(ctx) in STANDARD_MODES


def fixed(ctx: Context) -> Iterator[Finding]:
    """Yield that another mode is asked for than the InferenceService was made with: KServe refuses any change of it (I-9)."""
    reported, asked = _reported(ctx), _asked(ctx)
    if reported and asked and (reported in STANDARD_MODES) != (asked in STANDARD_MODES):
        yield Finding(
            "DeploymentModeFixed",
            f"spec.annotations[{DEPLOYMENT_MODE}] is {asked}, but InferenceService {naming.workload(ctx.nim)} was made in mode"
            f" {reported} and stays in it: create another NIMService for {asked}",
        )


def _reported(ctx: Context) -> str:
    existing = ctx.running(kinds.INFERENCE_SERVICE) or {}
    reported = (existing.get("status") or {}).get("deploymentMode")
    return reported if reported in (*STANDARD_MODES, *KNATIVE_MODES) else ""


def _asked(ctx: Context) -> str:
    return ctx.nim.spec.annotations.get(DEPLOYMENT_MODE, "")

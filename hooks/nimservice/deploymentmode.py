"""Deployment mode: KServe runs an InferenceService as a Deployment or as a Knative Service."""

from collections.abc import Iterator

from hooks.kernel import strict
from hooks.kernel.finding import Finding
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.kserve import DEPLOYMENT_MODE, KNATIVE_MODES, STANDARD_MODES
from hooks.nimservice.context import Context


def of(ctx: Context) -> str:
    """Return the deployment mode: of the existing object, else the user's, else the setting's."""
    return _reported(ctx) or _desired(ctx) or ctx.settings.kserve_deployment_mode


def standard(ctx: Context) -> bool:
    """Whether KServe makes a Deployment."""
    return of(ctx) in STANDARD_MODES


def fixed(ctx: Context) -> Iterator[Finding]:
    """Yield a finding if the desired mode differs from the existing one: KServe fixes it (I-9)."""
    reported, desired = _reported(ctx), _desired(ctx)
    if reported and desired and (reported in STANDARD_MODES) != (desired in STANDARD_MODES):
        yield Finding(
            "DeploymentModeFixed",
            f"is {desired}, but the mode of InferenceService {naming.workload(ctx.nim)} is "
            f"{reported}, and KServe cannot change it",
            f"create another NIMService for {desired}",
            path=f"spec.annotations[{DEPLOYMENT_MODE}]",
        )


def _reported(ctx: Context) -> str:
    existing = ctx.running(kinds.INFERENCE_SERVICE)
    reported = strict.text(existing, "status", "deploymentMode") if existing else ""
    return reported if reported in (*STANDARD_MODES, *KNATIVE_MODES) else ""


def _desired(ctx: Context) -> str:
    return ctx.nim.spec.annotations.get(DEPLOYMENT_MODE, "")

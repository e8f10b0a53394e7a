"""Settings: the choices of an installation about its NIMServices."""

from dataclasses import dataclass
from typing import Literal

from hooks.kernel import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The settings for NIMServices."""

    kserve_deployment_mode: Literal["Standard", "Knative", "RawDeployment", "Serverless"] = (
        "Standard"
    )
    """KServe's default deployment mode. An existing InferenceService and the annotation
    serving.kserve.io/deploymentMode take precedence."""

    pod_causes: bool = True
    """Report in the status why pods are not ready. With false, Metacontroller need not cache every
    pod of the cluster."""

    model_lookup: bool = True
    """Ask a ready NIM for its model's name, once for each generation, and report it in
    status.model. With false, the hooks call no service."""

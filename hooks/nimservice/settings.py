"""Settings: what an installation decides about its NIMServices."""

from dataclasses import dataclass
from typing import Literal

from hooks.kernel import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The settings that NIMServices add."""

    openshift: bool = False
    """Make a Role, a RoleBinding and annotations that let the pods use their SecurityContextConstraints; for OpenShift only."""

    kserve_deployment_mode: Literal["Standard", "Knative", "RawDeployment", "Serverless"] = (
        "Standard"
    )
    """KServe's deployment mode where neither an existing InferenceService nor the annotation serving.kserve.io/deploymentMode tells it."""

    pod_causes: bool = True
    """Name in the status why pods are not ready; false spares Metacontroller a cache of every pod of the cluster."""

    model_lookup: bool = True
    """Ask a ready NIM once for its model's name, for status.model; false never calls a service."""

"""Strategy: how a rollout replaces the pods. A GPU is rarely spare, so by default none is added."""

from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.nimservice import NIMService


def of(nim: NIMService) -> Manifest:
    """Return the strategy of a Deployment."""
    if _recreates(nim):
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", **_rolling(nim)}}


def of_groups(nim: NIMService) -> Manifest:
    """Return the strategy of a LeaderWorkerSet, which has no Recreate of its own."""
    rolling = {"maxUnavailable": "100%", "maxSurge": 0} if _recreates(nim) else _rolling(nim)
    return {
        "type": "RollingUpdate",
        "rollingUpdateConfiguration": {"maxUnavailable": 1, **rolling},
    }


def _recreates(nim: NIMService) -> bool:
    return (nim.spec.strategy or {}).get("type") == "Recreate"


def _rolling(nim: NIMService) -> Manifest:
    return {"maxSurge": 0, **(nim.spec.strategy or {}).get("rollingUpdate", {})}

"""Probe: the probes of the model server."""

from hooks.kernel import manifest
from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.api.nimservice import NIMService

_LIVE, _READY = "/v1/health/live", "/v1/health/ready"


def of(nim: NIMService) -> Manifest:
    """Return the probes of a container that answers requests; a disabled probe is None."""
    return {
        "livenessProbe": liveness(nim),
        "readinessProbe": readiness(nim),
        "startupProbe": startup(nim),
    }


def liveness(nim: NIMService) -> Manifest | None:
    """Return the liveness probe."""
    given = nim.spec.liveness_probe
    return None if given.off else manifest.probe(given.probe or _http(_LIVE, delay=15, failures=3))


def readiness(nim: NIMService) -> Manifest | None:
    """Return the readiness probe."""
    given = nim.spec.readiness_probe
    return None if given.off else manifest.probe(given.probe or _http(_READY, delay=15, failures=3))


def startup(nim: NIMService) -> Manifest | None:
    """Return the startup probe."""
    given = nim.spec.startup_probe
    # 120 × 10 s: loading a large model from a slow volume takes up to 20 minutes.
    return (
        None if given.off else manifest.probe(given.probe or _http(_READY, delay=30, failures=120))
    )


def startup_budget(nim: NIMService) -> int:
    """Return the seconds that the startup probe allows; 0 without one."""
    probe = startup(nim) or {"failureThreshold": 0}
    # 10 and 3 are Kubernetes' own defaults.
    return int(
        probe.get("initialDelaySeconds", 0)
        + probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
    )


def _http(path: str, *, delay: int, failures: int) -> Manifest:
    return {
        "httpGet": {"path": path, "port": naming.API_PORT, "scheme": "HTTP"},
        "initialDelaySeconds": delay,
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": failures,
    }

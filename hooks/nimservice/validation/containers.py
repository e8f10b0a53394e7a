"""Containers: what the API server would refuse of those before and beside the model server."""

from hooks.kernel.crd.structure import Problem
from hooks.nimservice import naming
from hooks.nimservice.api import kserve
from hooks.nimservice.api.nimservice import NIMService


def first(nim: NIMService) -> Problem | None:
    """Return the first container that cannot be beside the others, or None."""
    return _names(nim) or _extra(nim)


def _extra(nim: NIMService) -> Problem | None:
    """Refuse what the API server would refuse of a container before or beside the model server."""
    for path, container in nim.extra_containers:
        native = container.restart_policy is not None
        probed = container.liveness_probe or container.readiness_probe or container.startup_probe
        if native and path.startswith("sidecar"):
            return Problem(
                f"spec.{path}.restartPolicy",
                "is for init containers, which it lets run beside the model server",
                "remove it, or move the container to spec.initContainers",
            )
        if probed and not native and path.startswith("init"):
            return Problem(
                f"spec.{path}",
                "has a probe, and ends before anything could ask it",
                "remove the probe, or set restartPolicy to Always",
            )
        if (container.resources or {}).get("claims"):
            return Problem(
                f"spec.{path}.resources.claims",
                "must be absent",
                "list the claims in spec.draResources",
            )
    return None


def _names(nim: NIMService) -> Problem | None:
    taken = {"nim-leader", "nim-worker"} if nim.multi_node else {naming.container(nim)}
    if nim.kserve:
        taken.add(kserve.CONTAINER)
    if nim.spec.proxy and nim.spec.proxy.cert_config_map:
        taken.add("update-ca-certificates")
    for path, container in nim.extra_containers:
        if container.name in taken:
            return Problem(
                f"spec.{path}.name",
                f"{container.name} is the name of another container",
                "choose another",
            )
        taken.add(container.name)
    return None

"""Jobs: what tests ask the API server for."""

from typing import Any

from hooks.cluster.api import Object

IGNORE_DISRUPTION = {
    "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]
}


def job(
    name: str = "j", *, restart: str = "Never", inits: tuple[str, ...] = (), **spec: Any
) -> Object:
    """Return a Job of one container, ``main``."""
    template: Object = {
        "restartPolicy": restart,
        "containers": [{"name": "main", "image": "image:1"}],
    }
    if inits:
        template["initContainers"] = [{"name": init, "image": "image:1"} for init in inits]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": {"spec": template}, **spec},
    }

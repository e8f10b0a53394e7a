"""Naming: the names, labels, selectors and ports that two children share."""

from typing import Any

from hooks.api.nimservice import NIMService

MANAGED_BY = "nimservice-hooks"
PART_OF = "nim-service"

API_PORT, GRPC_PORT, METRICS_PORT = "api", "grpc", "metrics"
"""Names of the ports, the same on containers, Services and ServiceMonitors."""

LEADER_ROLE = {"nim-llm-role": "leader"}


def workload(nim: NIMService) -> str:
    """Return the name of the Deployment, of the InferenceService, and of all that has no name of its own."""
    return nim.name


def group(nim: NIMService) -> str:
    """Return the name of the LeaderWorkerSet, which is also its pods' value of the label ``app``."""
    return f"{nim.name}-lws"


def service(nim: NIMService) -> str:
    """Return the name of the Service in front of the replicas."""
    return nim.spec.expose.service.name or nim.name


def service_account(nim: NIMService) -> str:
    """Return the name of the ServiceAccount that the pods run under."""
    return nim.name


def claim(nim: NIMService) -> str:
    """Return the name of the PersistentVolumeClaim that is created."""
    return nim.spec.storage.pvc.name or f"{nim.name}-pvc"


def container(nim: NIMService) -> str:
    """Return the name of the model server's container, where it runs on one node."""
    return f"{nim.name}-ctr"


def endpoint_picker(nim: NIMService) -> str:
    """Return the name of the endpoint picker's objects, which is also its pods' value of the label ``app``."""
    return f"{nim.name}-epp"


def pool(nim: NIMService) -> str:
    """Return the name of the InferencePool, which routes lead to."""
    return nim.name


def host(nim: NIMService) -> str | None:
    """Return the host name that routes match, or None where they match every host."""
    domain = nim.spec.expose.router.host_domain_name
    return f"{nim.name}.{nim.namespace}.{domain}" if domain else None


def standard_labels(nim: NIMService) -> dict[str, str]:
    """Return the labels that every child carries and that no user can override."""
    return {
        "app.kubernetes.io/name": nim.name,
        "app.kubernetes.io/instance": nim.name,
        "app.kubernetes.io/part-of": PART_OF,
        "app.kubernetes.io/managed-by": MANAGED_BY,
    }


def labels(nim: NIMService) -> dict[str, str]:
    """Return the labels of a child: the user's, then the standard ones."""
    return {**nim.spec.labels, **standard_labels(nim)}


def pod_labels(nim: NIMService, app: str) -> dict[str, str]:
    """Return the labels of a pod. ``app`` is what selectors look for, so a user's label of that name yields to it (Q8)."""
    return {"app": app, **{key: value for key, value in labels(nim).items() if key != "app"}}


def selector(nim: NIMService) -> dict[str, str]:
    """Return the labels of the pods that answer requests: every replica, or the leader of every group."""
    return {"app": group(nim), **LEADER_ROLE} if nim.multi_node else {"app": workload(nim)}


def pod_apps(nim: NIMService) -> list[str]:
    """Return every value of the label ``app`` that pods of this NIMService carry, on whichever platform they run."""
    return [workload(nim), group(nim), endpoint_picker(nim)]


def metadata(nim: NIMService, name: str, *, labels: dict[str, str], annotations: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the metadata of a child in the NIMService's own namespace."""
    return {"name": name, "namespace": nim.namespace, "labels": labels, "annotations": annotations or None}

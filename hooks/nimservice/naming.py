"""Naming: the names, labels, selectors and ports that two children share."""

from typing import Any

from hooks.nimservice.api.kserve import OWNER
from hooks.nimservice.api.nimservice import NIMService

MANAGED_BY = "nimservice-hooks"
PART_OF = "nim-service"

API_PORT, GRPC_PORT, METRICS_PORT = "api", "grpc", "metrics"
"""Names of the ports, the same on containers, Services and ServiceMonitors."""

LEADER_ROLE = {"nim-llm-role": "leader"}


def workload(nim: NIMService) -> str:
    """Return the name of Deployment and InferenceService, the default of other children."""
    return nim.name


def group(nim: NIMService) -> str:
    """Return the name of the LeaderWorkerSet, also the value of its pods' label ``app``."""
    return f"{nim.name}-lws"


def service(nim: NIMService) -> str:
    """Return the name of the Service in front of the replicas."""
    return nim.spec.expose.service.name or nim.name


def service_account(nim: NIMService) -> str:
    """Return the name of the pods' ServiceAccount."""
    return nim.name


def claim(nim: NIMService) -> str:
    """Return the name of the PersistentVolumeClaim to create."""
    return nim.spec.storage.pvc.name or f"{nim.name}-pvc"


def container(nim: NIMService) -> str:
    """Return the name of the model server's container on one node."""
    return f"{nim.name}-ctr"


def hostfiles(nim: NIMService) -> str:
    """Return the name of the ConfigMap with the members of each group."""
    return f"{nim.name}-mpi-config"


def start_script(nim: NIMService) -> str:
    """Return the name of the ConfigMap with the start script of a group."""
    return f"{nim.name}-mpi-start-script"


def ssh_key(nim: NIMService) -> str:
    """Return the name of the Secret with the SSH key of the groups."""
    return f"{nim.name}-ssh-pk"


def claim_template(nim: NIMService, index: int) -> str:
    """Return the name of the ResourceClaimTemplate for an entry of ``spec.draResources``."""
    creation = nim.spec.dra_resources[index].claim_creation_spec
    prefix = (creation.generate_name if creation else None) or "claimtemplate"
    return f"{prefix}-{short_hash(nim.name)}-{index}"


def channel_template(nim: NIMService) -> str:
    """Return the name of the DRA driver's ResourceClaimTemplate for a created ComputeDomain."""
    return f"cd-claimtemplate-{short_hash(nim.name)}"


def pod_claim(nim: NIMService, source: int, resource: str) -> str:
    """Return the name of a claim in the pods, without the number of the claim on its resource.

    ``source`` is 0 for a ResourceClaim, 1 for a ResourceClaimTemplate, and 2 for the channel of a
    ComputeDomain.
    """
    return f"claim-{short_hash(nim.name)}-{source}-{short_hash(resource)}"


def short_hash(text: str) -> str:
    """Return a hash of at most ten letters and digits: 32-bit FNV-1a, like NVIDIA's operator."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return str(value).translate(_HASH_DIGITS)


_HASH_DIGITS = str.maketrans("0123456789", "456789bcdf")


PICKER = "-epp"
"""The end of an endpoint picker's name."""


def endpoint_picker(nim: NIMService) -> str:
    """Return the name of the endpoint picker's objects, also the value of its label ``app``."""
    return f"{nim.name}{PICKER}"


def pool(nim: NIMService) -> str:
    """Return the name of the InferencePool, the backend of routes."""
    return nim.name


def host(nim: NIMService) -> str | None:
    """Return the host name of the routes, or None if they match every host."""
    domain = nim.spec.expose.router.host_domain_name
    return f"{nim.name}.{nim.namespace}.{domain}" if domain else None


def standard_labels(nim: NIMService) -> dict[str, str]:
    """Return the labels of every child, which no user can override."""
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
    """Return the labels of a pod; selectors use ``app``, so a user cannot override it (Q8)."""
    return {"app": app, **{key: value for key, value in labels(nim).items() if key != "app"}}


def selector(nim: NIMService) -> dict[str, str]:
    """Return the selector of the pods that answer requests: replicas, leaders, or KServe's pods."""
    if nim.kserve:
        return {OWNER: workload(nim)}
    return {"app": group(nim), **LEADER_ROLE} if nim.multi_node else {"app": workload(nim)}


def worker_labels(nim: NIMService) -> dict[str, str]:
    """Return the labels of a worker; no user's label makes it a leader for the Service."""
    return {
        key: value for key, value in pod_labels(nim, group(nim)).items() if key not in LEADER_ROLE
    }


def pod_apps(nim: NIMService) -> list[str]:
    """Return the values of the label ``app`` of this NIMService's pods, on any platform."""
    return [workload(nim), group(nim), endpoint_picker(nim)]


def pod_identity(name: str) -> dict[str, str]:
    """Return the labels that identify the pods of a NIMService; ``app`` is not unique."""
    return {"app.kubernetes.io/instance": name, "app.kubernetes.io/managed-by": MANAGED_BY}


def metadata(
    nim: NIMService, name: str, *, labels: dict[str, str], annotations: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the metadata of a child in the NIMService's own namespace."""
    return {
        "name": name,
        "namespace": nim.namespace,
        "labels": labels,
        "annotations": annotations or None,
    }

"""Naming: the names, labels, selectors and ports that two children share."""

from typing import Any

from hooks.kernel import dnsname
from hooks.nimservice.api.kserve import OWNER
from hooks.nimservice.api.nimservice import NIMService

MANAGED_BY = "nimservice-hooks"
PART_OF = "nim-service"

API_PORT, GRPC_PORT, METRICS_PORT = "api", "grpc", "metrics"
"""Names of the ports, the same on containers, Services and ServiceMonitors."""

API_ACCESS = "apps.nvidia.com/service-account-token"
"""Annotation in ``spec.annotations``: ``"true"`` mounts the token of the ServiceAccount."""

LEADER_ROLE = {"nim-llm-role": "leader"}


def workload(nim: NIMService) -> str:
    """Return the name of Deployment and InferenceService, the default of other children."""
    return nim.name


def predictor(nim: NIMService) -> str:
    """Return the name that KServe gives its Deployment."""
    return f"{workload(nim)}-predictor"


def group(nim: NIMService) -> str:
    """Return the name of the LeaderWorkerSet, also the value of its pods' label ``app``."""
    return f"{nim.name}-lws"


def service(nim: NIMService) -> str:
    """Return the name of the Service in front of the replicas, which clients call."""
    return nim.name


def alias(nim: NIMService) -> str | None:
    """Return the name of a second Service in front of the replicas, or None if none is possible."""
    given = nim.spec.expose.service.name
    return given if given and given != nim.name and dnsname.is_label(given) else None


def ports(nim: NIMService) -> dict[str, int]:
    """Return the ports of containers and Services by name, that of the API first."""
    service = nim.spec.expose.service
    given = {
        API_PORT: service.port,
        GRPC_PORT: service.grpc_port,
        METRICS_PORT: service.metrics_port,
    }
    return {name: port for name, port in given.items() if port}


def service_account(nim: NIMService) -> str:
    """Return the name of the pods' ServiceAccount."""
    return nim.name


def gets_token(nim: NIMService) -> bool:
    """Whether the pods that run the model have a token of the Kubernetes API."""
    return nim.spec.annotations.get(API_ACCESS) == "true"


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


def pods(nim: NIMService) -> dict[str, str]:
    """Return the labels of this NIMService's pods alone, on any platform.

    Pods that NVIDIA's operator made have them, too. The label ``app`` is not unique, and KServe
    changes it.
    """
    return {"app.kubernetes.io/instance": nim.name, "app.kubernetes.io/part-of": PART_OF}


def pod_identity(name: str) -> dict[str, str]:
    """Return the labels of a NIMService's pods that the hooks made; ``app`` is not unique."""
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

"""Naming: the names, labels and annotations that two children share, or that others look for."""

import hashlib
import posixpath
from typing import Any, Literal

from hooks.nimcache.api import NIMCache

MANAGED_BY = "nimservice-hooks"
PART_OF = "nim-cache"

Role = Literal["probe", "download"]
"""What a pod of a NIMCache does."""

CONTAINER = "nim-cache-ctr"
"""Name of the container that downloads the model, or reads the last page of the manifest."""

NIM_CACHE_LABEL = "apps.nvidia.com/nimcache"
ROLE_LABEL = "apps.nvidia.com/nimcache-role"

STORE = "apps.nvidia.com/store"
"""Label of a download: hash of the claim and the folder in it that it fills."""

LAYOUT = "apps.nvidia.com/model-layout"
"""Annotation of a NIMCache: what its image is, where the probe cannot tell."""
PREFILLED = "apps.nvidia.com/prefilled"
"""Annotation of a NIMCache: its claim holds the model already."""

INPUTS = "apps.nvidia.com/inputs"
"""Annotation of a download: hash of what was chosen from."""
CHOSEN = "apps.nvidia.com/chosen"
"""Annotation of a download: what was chosen."""
CLAIM = "apps.nvidia.com/claim-uid"
"""Annotation of a download: the claim that it fills."""
TEMPLATE = "apps.nvidia.com/template-hash"
"""Annotation of a Job: hash of its spec."""


def claim(cache: NIMCache) -> str:
    """Return the name of the claim that holds the model."""
    return cache.spec.storage.pvc.name or f"{cache.name}-pvc"


def store(cache: NIMCache) -> str:
    """Return a short hash of the claim and the folder in it that hold the model."""
    inside = posixpath.normpath(f"/{cache.spec.storage.pvc.sub_path or ''}").strip("/")
    return hashlib.sha256(f"{claim(cache)}/{inside}".encode()).hexdigest()[:16]


def download(cache: NIMCache) -> str:
    """Return the name of the Job that downloads the model."""
    return f"{cache.name}-job"


def probe(cache: NIMCache) -> str:
    """Return the name of the Job that reads the image's model manifest."""
    return f"{cache.name}-probe"


def service_account(cache: NIMCache) -> str:
    """Return the name of the ServiceAccount that the pods run under, on OpenShift."""
    return f"{cache.name}-cache"


def labels(cache: NIMCache) -> dict[str, str]:
    """Return the labels of a child."""
    return {
        "app.kubernetes.io/name": cache.name,
        "app.kubernetes.io/instance": cache.name,
        "app.kubernetes.io/part-of": PART_OF,
        "app.kubernetes.io/managed-by": MANAGED_BY,
    }


def pod_labels(cache: NIMCache, role: Role) -> dict[str, str]:
    """Return the labels of a pod.

    It has no label ``app``: each value of that is what some NIMService's Service selects.
    """
    return {**labels(cache), NIM_CACHE_LABEL: cache.name, ROLE_LABEL: role}


def pod_identity(name: str) -> dict[str, str]:
    """Return the labels by which the pods of a NIMCache are told from others.

    Anybody may have set one of them.
    """
    return {NIM_CACHE_LABEL: name, "app.kubernetes.io/managed-by": MANAGED_BY}


def metadata(
    cache: NIMCache,
    name: str,
    *,
    annotations: dict[str, str] | None = None,
    more_labels: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return the metadata of a child."""
    return {
        "name": name,
        "namespace": cache.namespace,
        "labels": {**labels(cache), **(more_labels or {})},
        "annotations": annotations or None,
    }

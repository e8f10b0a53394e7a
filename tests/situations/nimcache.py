"""NIMCaches as another operator keeps them, for NIMServices that name them."""

from typing import Any

from hooks.kernel.document import JSON
from tests.situations.stored import NAMESPACE


def nimcache(
    name: str = "cache",
    *,
    state: str = "Ready",
    pvc: str = "cache-pvc",
    spec: JSON | None = None,
    **status: Any,
) -> JSON:
    """Return a NIMCache; ``spec.source`` is an image of NGC and its claim was created, unless said
    otherwise."""
    source = {
        "ngc": {
            "modelPuller": "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.12.0",
            "authSecret": "ngc-api-secret",
        }
    }
    storage = {"pvc": {"create": True, "size": "50Gi"}}
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMCache",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "uid": "c0ffee00-0000-4000-8000-000000000001",
            "generation": 1,
        },
        "spec": {"source": source, "storage": storage, **(spec or {})},
        "status": {"state": state, "pvc": pvc, **status},
    }

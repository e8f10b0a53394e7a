"""Requests: Metacontroller's requests for a NIMService at rest, of different sizes."""

import json
from datetime import UTC, datetime
from typing import Any

from hooks import __version__
from hooks.kernel import resource
from hooks.kernel.lastapplied import LAST_APPLIED
from hooks.kernel.protocol import HookRequest
from hooks.nimservice import kinds, naming
from hooks.resources import NIM_SERVICE, Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def nim(name: str = "llama", **spec: Any) -> dict[str, Any]:
    """Return a typical NIMService."""
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": {"name": name, "namespace": "models", "uid": f"uid-{name}", "generation": 1},
        "spec": {
            "image": {
                "repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct",
                "tag": "1.3.3",
                "pullSecrets": ["ngc-secret"],
            },
            "authSecret": "ngc-api-secret",
            "storage": {"pvc": {"create": True, "size": "50Gi"}},
            "resources": {"limits": {"nvidia.com/gpu": 1}},
            "metrics": {"enabled": True},
            "expose": {
                "router": {"hostDomainName": "example.com", "ingress": {"ingressClass": "nginx"}}
            },
            **spec,
        },
    }


def pod(parent: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a running model pod, as the API server stores it."""
    name = parent["metadata"]["name"]
    labels = {
        "app": name,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": naming.MANAGED_BY,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{name}-7d9c-{number:05}",
            "namespace": "models",
            "uid": f"pod-{number}",
            "labels": labels,
        },
        "spec": {
            "nodeName": f"node-{number % 50}",
            "containers": [{"name": f"{name}-ctr", "image": "nvcr.io/nim/meta/llama:1.3.3"}],
        },
        "status": {
            "phase": "Running",
            "conditions": [
                {"type": kind, "status": "True"}
                for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
            ],
            "containerStatuses": [
                {
                    "name": f"{name}-ctr",
                    "ready": True,
                    "started": True,
                    "restartCount": 0,
                    "state": {"running": {}},
                }
            ],
        },
    }


def at_rest(parent: dict[str, Any], pods: int = 1) -> bytes:
    """Return the body of a request in which observed and desired state agree."""
    first = resource.sync(NIM_SERVICE, HookRequest(parent), Settings(), NOW).body
    children: dict[str, dict[str, Any]] = {kind.group_key: {} for kind in kinds.MANAGED}
    for child in first["children"]:
        metadata = {
            **child["metadata"],
            "uid": "uid-of-child",
            "generation": 1,
            "resourceVersion": "1234",
        }
        metadata["annotations"] = {
            **metadata.get("annotations", {}),
            LAST_APPLIED: json.dumps(child),
        }
        group = children[f"{child['kind']}.{child['apiVersion']}"]
        group[f"models/{metadata['name']}"] = {**child, "metadata": metadata}
    for deployment in children[kinds.DEPLOYMENT.group_key].values():
        counts = dict.fromkeys(
            ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 1
        )
        deployment["status"] = {"observedGeneration": 1, **counts}
    related = {
        "Pod.v1": {
            f"models/{each['metadata']['name']}": each
            for each in (pod(parent, number) for number in range(pods))
        }
    }
    rules = [{"apiVersion": kind.api_version, "resource": kind.plural} for kind in kinds.MANAGED]
    controller = {
        "metadata": {"name": "nimservice", "labels": {"version": __version__}},
        "spec": {"childResources": rules},
    }
    document = {
        "controller": controller,
        "parent": {**parent, "status": {**first["status"], "observedGeneration": 1}},
        "children": children,
        "related": related,
    }
    return json.dumps({**document, "finalizing": False}).encode()

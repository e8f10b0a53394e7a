"""Operated: a NIMService as NVIDIA's operator runs it, and what migrates it."""

from copy import deepcopy
from datetime import UTC, datetime

from hooks.kernel.owner import owner_reference
from hooks.migration import operator, plan
from hooks.resources import Settings

UID = "5a0a4b3e-6d1c-4f0e-9d57-2f6b7c1f0a11"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LABELS = {
    "app.kubernetes.io/name": "llama",
    "app.kubernetes.io/instance": "llama",
    "app.kubernetes.io/operator-version": "",
    "app.kubernetes.io/part-of": "nim-service",
    operator.MANAGED_BY: operator.NAME,
}
MADE = {"openshift.io/required-scc": "nonroot", **dict.fromkeys(operator.HASHES, "6bb8bf548c")}


def nimservice(**spec):
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": {
            "name": "llama",
            "namespace": "models",
            "uid": UID,
            "generation": 1,
            "finalizers": [operator.FINALIZER, "a.b/c"],
        },
        "spec": {
            "image": {"repository": "nim", "tag": "1"},
            "authSecret": "ngc",
            "storage": {"pvc": {"create": True, "size": "1Gi"}},
            **spec,
        },
    }


def child(kind, name="llama", api_version="v1", annotations=MADE, **fields):
    metadata = {
        "name": name,
        "namespace": "models",
        "labels": dict(LABELS),
        "ownerReferences": [owner_reference(nimservice())],
    }
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {**metadata, "annotations": dict(annotations)},
        **deepcopy(fields),
    }


def deployment():
    container = {
        "name": "llama-ctr",
        "image": "nim:1",
        "env": [{"name": "HTTP_PROXY", "value": ""}],
    }
    metadata = {
        "labels": {**LABELS, "app": "llama"},
        "annotations": {"openshift.io/required-scc": "nonroot"},
    }
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "llama"}},
        "strategy": {"type": "RollingUpdate"},
    }
    return child(
        "Deployment",
        api_version="apps/v1",
        spec={**spec, "template": {"metadata": metadata, "spec": {"containers": [container]}}},
    )


def everything():
    claim = child(
        "PersistentVolumeClaim",
        "llama-pvc",
        annotations={},
        spec={"accessModes": ["ReadWriteOnce"]},
    )
    service = child(
        "Service",
        spec={"ports": [{"name": "api", "port": 8000, "targetPort": "api", "protocol": "TCP"}]},
    )
    role = child("Role", api_version="rbac.authorization.k8s.io/v1", annotations={}, rules=[])
    return [
        nimservice(),
        child("ServiceAccount", annotations={}),
        role,
        service,
        claim,
        deployment(),
    ]


def migrated(objects=None, **options):
    objects = objects or everything()
    return plan.of(
        objects[0], objects, Settings(), now=NOW, **{"without": ["RoleBinding", "Role"], **options}
    )


def patches(found):
    return {write.target["kind"]: write.patch for write in found.writes}

"""Objects that a server takes as they are."""

from typing import Any

from hooks.cluster.api import Object, Resource
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.lab import deployment


def placed(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "namespace": "default"}}


def widget(**rest: Any) -> Object:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "default"},
        "spec": {"a": 1},
        **rest,
    }


def claim() -> Object:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "c", "namespace": "default"},
        "spec": spec,
    }


def stored(obj: Object) -> Object:
    """Return an object as the server stores it."""
    return ApiServer().create(
        {**obj, "metadata": {"name": "x", **obj.get("metadata", {}), "namespace": "default"}}
    )


def pod_spec(**spec: Any) -> Object:
    child = deployment("d")
    child["spec"]["template"]["spec"] |= spec
    result: Object = stored(child)["spec"]["template"]["spec"]
    return result


def container(**fields: Any) -> Object:
    result: Object = pod_spec(
        containers=[{"name": "main", "image": "image:1", **fields}], volumes=[{"name": "v"}]
    )["containers"][0]
    return result


NAMESPACE = Resource("v1", "Namespace", "namespaces", namespaced=False)


def pod(**spec: Any) -> Object:
    containers = [{"name": "main", "image": "image:1"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": containers, **spec},
    }

"""Namespaces: emptied before they go."""

from hooks.cluster.api import Resource
from tests.simulator.inside import POD, Cluster
from tests.simulator.lab import deployment

NAMESPACE = Resource("v1", "Namespace", "namespaces", namespaced=False)


def test_a_deleted_namespace_is_emptied_first() -> None:
    cluster = Cluster()
    cluster.server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
    cluster.make(deployment("d"), namespace="x")
    cluster.settle()
    cluster.server.delete(NAMESPACE, "", "x")
    cluster.settle()
    assert not cluster.server.exists(NAMESPACE, "", "x")
    assert not cluster.server.list(POD)

"""Deletion: what holds an object that is being deleted."""

import pytest

from hooks.cluster.api import Conflict, Forbidden, Invalid, Resource
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.apiserver.objects import NAMESPACE, pod, widget
from tests.simulator.lab import WIDGET, config_map

POD = Resource("v1", "Pod", "pods")


def test_a_deletion_checks_the_uid(server: ApiServer) -> None:
    uid = server.create(widget())["metadata"]["uid"]
    with pytest.raises(Conflict, match="Precondition failed"):
        server.delete(WIDGET, "default", "w", uid="other")
    server.delete(WIDGET, "default", "w", uid=uid)
    assert not server.exists(WIDGET, "default", "w")


def test_finalizers_hold_a_deleted_object(server: ApiServer) -> None:
    obj = server.create(
        widget(metadata={"name": "w", "namespace": "default", "finalizers": ["example.com/a"]})
    )
    server.delete(WIDGET, "default", "w")
    obj = server.get(WIDGET, "default", "w")
    assert obj["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:00Z"
    with pytest.raises(Invalid, match="no new finalizers"):
        server.update(
            {
                **obj,
                "metadata": {**obj["metadata"], "finalizers": ["example.com/a", "example.com/b"]},
            }
        )
    server.update({**obj, "metadata": {**obj["metadata"], "finalizers": []}})
    assert not server.exists(WIDGET, "default", "w")


def test_a_pod_on_a_node_waits_for_the_kubelet(server: ApiServer) -> None:
    server.create(pod(nodeName="n"))
    server.delete(POD, "default", "p")
    assert server.get(POD, "default", "p")["metadata"]["deletionGracePeriodSeconds"] == 30
    server.delete(POD, "default", "p", grace=0)
    assert not server.exists(POD, "default", "p")
    server.create(pod())
    server.delete(POD, "default", "p")
    assert not server.exists(POD, "default", "p"), "a pod that is nowhere just goes"


def test_a_namespace_waits_for_its_content(server: ApiServer) -> None:
    server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
    server.delete(NAMESPACE, "", "x")
    assert server.get(NAMESPACE, "", "x")["status"]["phase"] == "Terminating"
    with pytest.raises(Forbidden, match="being terminated"):
        server.create({**config_map("a"), "metadata": {"name": "a", "namespace": "x"}})

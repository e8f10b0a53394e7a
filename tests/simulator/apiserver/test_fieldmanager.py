"""Ownership: managedFields and server-side apply, as the API server keeps them."""

from typing import Any

import pytest

from hooks.cluster.api import ApiError, BadRequest, Conflict, Object
from hooks.kernel.values import copied
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.apiserver.objects import placed
from tests.simulator.lab import (
    DEPLOYMENT,
    SERVICE,
    WIDGET,
    config_map,
    deployment,
    service,
)


def owned(obj: Object, manager: str, operation: str = "Apply") -> Any:
    """Return the fields a manager owns, None if it owns none."""
    entries = [
        entry
        for entry in obj["metadata"]["managedFields"]
        if (entry["manager"], entry["operation"]) == (manager, operation)
    ]
    return entries[0]["fieldsV1"] if entries else None


def test_apply_claims_what_is_applied_and_nothing_else(server: ApiServer) -> None:
    child = deployment("d")
    container = child["spec"]["template"]["spec"]["containers"][0]
    container["ports"] = [{"containerPort": 8000, "name": "api"}]
    container["env"] = [{"name": "A", "value": "1"}]
    child["spec"]["template"]["spec"] |= {
        "imagePullSecrets": [{"name": "ngc"}],
        "nodeSelector": {"a": "b"},
        "volumes": [{"name": "v", "emptyDir": {}}],
        "tolerations": [{"key": "k"}],
    }
    stored = server.apply(placed(child), manager="me")
    assert owned(stored, "me") == {
        "f:spec": {
            "f:selector": {},
            "f:template": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {
                    "f:containers": {
                        'k:{"name":"main"}': {
                            ".": {},
                            "f:name": {},
                            "f:image": {},
                            "f:ports": {
                                'k:{"containerPort":8000,"protocol":"TCP"}': {
                                    ".": {},
                                    "f:containerPort": {},
                                    "f:name": {},
                                }
                            },
                            "f:env": {'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}}},
                        }
                    },
                    "f:imagePullSecrets": {'k:{"name":"ngc"}': {}},
                    "f:nodeSelector": {},
                    "f:volumes": {'k:{"name":"v"}': {".": {}, "f:name": {}, "f:emptyDir": {}}},
                    "f:tolerations": {},
                },
            },
        }
    }
    (entry,) = stored["metadata"]["managedFields"]
    assert {name: entry[name] for name in ("manager", "operation", "apiVersion", "fieldsType")} == {
        "manager": "me",
        "operation": "Apply",
        "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1",
    }


def test_applying_the_same_again_changes_nothing(server: ApiServer) -> None:
    first = server.apply(placed(deployment("d")), manager="me")
    assert server.apply(placed(deployment("d")), manager="me") == first


def test_an_update_takes_fields_over(server: ApiServer) -> None:
    server.apply(placed(deployment("d", replicas=1)), manager="me")
    scaled = server.edit(
        DEPLOYMENT, "default", "d", lambda obj: obj["spec"].update(replicas=3), manager="autoscaler"
    )
    assert owned(scaled, "autoscaler", "Update") == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in owned(scaled, "me")["f:spec"]


def test_a_field_that_another_changed_conflicts_unless_forced(server: ApiServer) -> None:
    server.apply(placed(deployment("d", replicas=1)), manager="me")
    server.edit(
        DEPLOYMENT, "default", "d", lambda obj: obj["spec"].update(replicas=3), manager="autoscaler"
    )
    with pytest.raises(Conflict, match=r'conflict with "autoscaler": \.spec\.replicas'):
        server.apply(placed(deployment("d", replicas=1)), manager="me")
    forced = server.apply(placed(deployment("d", replicas=1)), manager="me", force=True)
    assert forced["spec"]["replicas"] == 1
    assert owned(forced, "autoscaler", "Update") is None


def test_the_same_value_is_shared(server: ApiServer) -> None:
    server.apply(placed(deployment("d", replicas=3)), manager="me")
    both = server.apply(placed(deployment("d", replicas=3)), manager="you")
    assert (
        owned(both, "me")["f:spec"]["f:replicas"]
        == owned(both, "you")["f:spec"]["f:replicas"]
        == {}
    )
    mine_only = server.apply(placed(deployment("d")), manager="you")
    assert mine_only["spec"]["replicas"] == 3


def test_a_field_left_out_stays_if_another_owns_it(server: ApiServer) -> None:
    """Leaving replicas out hands them over once the autoscaler has written them."""
    server.apply(placed(deployment("d", replicas=2)), manager="me")
    server.edit(
        DEPLOYMENT, "default", "d", lambda obj: obj["spec"].update(replicas=5), manager="autoscaler"
    )
    assert server.apply(placed(deployment("d")), manager="me", force=True)["spec"]["replicas"] == 5


def test_a_field_left_out_goes_back_to_its_default(server: ApiServer) -> None:
    server.apply(placed(deployment("d", replicas=2)), manager="me")
    assert server.apply(placed(deployment("d")), manager="me")["spec"]["replicas"] == 1


def test_a_struct_left_out_goes_with_the_defaults_in_it(server: ApiServer) -> None:
    probe = {"httpGet": {"path": "/ready", "port": 8000}}
    child = placed(deployment("d"))
    child["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = probe
    stored = server.apply(child, manager="me")
    assert (
        stored["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["periodSeconds"] == 10
    )
    stored = server.apply(placed(deployment("d")), manager="me")
    assert "readinessProbe" not in stored["spec"]["template"]["spec"]["containers"][0]


def test_apply_ignores_the_status(server: ApiServer) -> None:
    stored = server.apply({**placed(deployment("d")), "status": {"replicas": 7}}, manager="me")
    assert stored["status"] == {}
    assert "f:status" not in owned(stored, "me")


def test_a_status_update_is_a_subresources(server: ApiServer) -> None:
    stored = server.create(placed(deployment("d")), manager="me")
    stored = server.update_status({**stored, "status": {"replicas": 1}}, manager="controller")
    entry = next(
        entry for entry in stored["metadata"]["managedFields"] if entry["manager"] == "controller"
    )
    assert (entry["subresource"], entry["fieldsV1"]["f:status"]) == ("status", {"f:replicas": {}})


def test_fields_written_by_update_stay_owned_beside_apply(server: ApiServer) -> None:
    """After the switch from dynamic apply, a field left out stays"""
    server.create(placed(config_map("a", {"x": "1", "y": "2"})), manager="metacontroller")
    both = server.apply(
        placed(config_map("a", {"x": "1", "y": "2"})), manager="metacontroller", force=True
    )
    assert owned(both, "metacontroller", "Update")["f:data"] == {".": {}, "f:x": {}, "f:y": {}}
    less = server.apply(placed(config_map("a", {"x": "1"})), manager="metacontroller", force=True)
    assert less["data"] == {"x": "1", "y": "2"}


def test_apply_refuses_managed_fields_and_unknown_fields(server: ApiServer) -> None:
    stored = server.apply(placed(config_map("a")), manager="me")
    with pytest.raises(BadRequest, match="managedFields must be nil"):
        server.apply(copied(stored), manager="me")
    widget = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "default"},
        "speck": {},
    }
    with pytest.raises(ApiError, match=r"\.speck: field not declared in schema"):
        server.apply(widget, manager="me")
    assert not server.exists(WIDGET, "default", "w")


def test_node_ports_survive_an_apply_that_does_not_mention_them(server: ApiServer) -> None:
    wanted = placed(service("s", {"name": "api", "port": 80}))
    wanted["spec"]["type"] = "NodePort"
    first = server.apply(wanted, manager="me")
    wanted["metadata"]["labels"] = {"a": "b"}
    second = server.apply(wanted, manager="me")
    assert first["spec"] == second["spec"]
    wanted["spec"]["type"] = "ClusterIP"
    assert "nodePort" not in server.apply(wanted, manager="me")["spec"]["ports"][0]
    assert server.get(SERVICE, "default", "s")["spec"]["clusterIP"] == first["spec"]["clusterIP"]


def test_nobody_owns_what_the_server_hands_out(server: ApiServer) -> None:
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "i"},
        "spec": {"ingressClassName": "x"},
    }
    stored = server.create(placed(ingress), manager="me")
    assert owned(stored, "me", "Update") == {"f:spec": {"f:ingressClassName": {}}}
    stored = server.create(placed(service("s", {"port": 80})), manager="me")
    assert not {"f:clusterIP", "f:clusterIPs", "f:ipFamilies"} & set(
        owned(stored, "me", "Update")["f:spec"]
    )

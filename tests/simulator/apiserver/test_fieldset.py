"""Field set: how the items of lists are told apart, and which lists are owned whole."""

import pytest

from hooks.cluster.api import ApiError, Conflict
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.apiserver.objects import placed
from tests.simulator.lab import DEPLOYMENT, deployment, service


def test_items_left_out_go_and_items_of_others_stay(server: ApiServer) -> None:
    child = placed(deployment("d"))
    child["spec"]["template"]["spec"]["containers"] += [{"name": "side", "image": "side:1"}]
    server.apply(child, manager="me")
    server.edit(
        DEPLOYMENT,
        "default",
        "d",
        lambda obj: obj["spec"]["template"]["spec"]["containers"].append(
            {"name": "mesh", "image": "mesh:1"}
        ),
        manager="injector",
    )
    containers = server.apply(placed(deployment("d")), manager="me")["spec"]["template"]["spec"][
        "containers"
    ]
    assert [container["name"] for container in containers] == ["main", "mesh"]


def test_the_applied_order_of_items_wins(server: ApiServer) -> None:
    """Unlike under dynamic apply: init containers can be put in another order"""
    names = ("a", "b", "c")
    child = placed(deployment("d"))
    for order in (names, names[::-1]):
        child["spec"]["template"]["spec"]["initContainers"] = [
            {"name": name, "image": "x:1"} for name in order
        ]
        stored = server.apply(child, manager="me")
        assert [
            container["name"] for container in stored["spec"]["template"]["spec"]["initContainers"]
        ] == list(order)


def test_lists_without_keys_are_owned_whole(server: ApiServer) -> None:
    child = placed(deployment("d"))
    child["spec"]["template"]["spec"]["tolerations"] = [{"key": "a", "operator": "Exists"}]
    server.apply(child, manager="me")
    child["spec"]["template"]["spec"]["tolerations"] = [{"key": "b", "operator": "Exists"}]
    with pytest.raises(Conflict, match="tolerations"):
        server.apply(child, manager="you")
    stored = server.apply(child, manager="you", force=True)
    assert [
        toleration["key"] for toleration in stored["spec"]["template"]["spec"]["tolerations"]
    ] == ["b"]


def test_ports_of_one_number_and_two_protocols_are_two(server: ApiServer) -> None:
    ports = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53}]
    stored = server.apply(placed(service("s", *ports)), manager="me")
    assert [port["protocol"] for port in stored["spec"]["ports"]] == ["UDP", "TCP"]
    assert server.apply(placed(service("s", *ports)), manager="me") == stored


def test_an_item_twice_is_refused(server: ApiServer) -> None:
    child = placed(deployment("d"))
    child["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "A", "value": "1"},
        {"name": "A", "value": "2"},
    ]
    with pytest.raises(ApiError, match="Duplicate value"):
        server.apply(child, manager="me")


def test_an_item_without_its_key_is_refused(server: ApiServer) -> None:
    child = placed(deployment("d"))
    child["spec"]["template"]["spec"]["volumes"] = [{"emptyDir": {}}]
    with pytest.raises(ApiError, match="Required value"):
        server.apply(child, manager="me")

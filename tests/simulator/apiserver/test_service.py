"""Service: its addresses and node ports; compared with kube-apiserver 1.36."""

import pytest

from hooks.cluster.api import Invalid, Object
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.apiserver.objects import stored
from tests.simulator.lab import SERVICE, service


def test_a_service_gets_defaults_and_an_address() -> None:
    spec = stored(service("s", {"port": 80}))["spec"]
    assert spec.pop("clusterIP") == spec.pop("clusterIPs")[0]
    assert spec == {
        "selector": {"app": "s"},
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "ipFamilyPolicy": "SingleStack",
        "ipFamilies": ["IPv4"],
    }


def test_two_services_have_two_addresses() -> None:
    server = ApiServer()
    made = [
        server.create(
            {**service(name, {"port": 80}), "metadata": {"name": name, "namespace": "default"}}
        )
        for name in "ab"
    ]
    assert len({one["spec"]["clusterIP"] for one in made}) == 2


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_node_ports_come_and_go_with_the_type(kind: str) -> None:
    server = ApiServer()
    wanted = {**service("s", {"port": 80}), "metadata": {"name": "s", "namespace": "default"}}
    wanted["spec"]["type"] = kind
    port = server.create(wanted)["spec"]["ports"][0]["nodePort"]
    again = server.edit(
        SERVICE, "default", "s", lambda obj: obj["spec"]["ports"][0].pop("nodePort")
    )
    assert again["spec"]["ports"][0]["nodePort"] == port
    assert again["spec"]["externalTrafficPolicy"] == "Cluster"
    plain = server.edit(SERVICE, "default", "s", lambda obj: obj["spec"].update(type="ClusterIP"))
    assert "nodePort" not in plain["spec"]["ports"][0]
    assert "externalTrafficPolicy" not in plain["spec"]


def test_a_port_that_comes_later_gets_a_node_port_that_no_other_has() -> None:
    server = ApiServer()
    wanted = {
        **service("s", {"name": "a", "port": 1}, {"name": "b", "port": 1000}),
        "metadata": {"name": "s", "namespace": "default"},
    }
    wanted["spec"]["type"] = "NodePort"
    kept = server.create(wanted)["spec"]["ports"][1]
    for number in range(2, 200):  # more often than there are numbers to begin with
        changed = server.edit(
            SERVICE,
            "default",
            "s",
            lambda obj, port=number: obj["spec"].update(ports=[kept, {"name": "a", "port": port}]),
        )
        assert changed["spec"]["ports"][0] == kept


def test_what_only_a_load_balancer_has_goes_with_it_and_its_node_ports_stay() -> None:
    server = ApiServer()
    wanted = {**service("s", {"port": 80}), "metadata": {"name": "s", "namespace": "default"}}
    wanted["spec"]["type"] = "LoadBalancer"
    balanced = server.create(wanted)
    plain = server.edit(SERVICE, "default", "s", lambda obj: obj["spec"].update(type="NodePort"))
    assert "allocateLoadBalancerNodePorts" not in plain["spec"]
    assert plain["spec"]["ports"] == balanced["spec"]["ports"]


def test_a_headless_service_has_no_address() -> None:
    wanted = service("s", {"port": 80})
    wanted["spec"]["clusterIP"] = "None"
    assert stored(wanted)["spec"]["clusterIPs"] == ["None"]


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        ([], "spec.ports: Required value"),
        ([{"port": 80}, {"port": 81}], "spec.ports.name: Required value"),
        ([{"port": 80, "name": "a"}, {"port": 81, "name": "a"}], "Duplicate value"),
        ([{"port": 80, "protocol": "HTTP"}], "protocol: Unsupported value"),
        ([{"name": "a"}], "port: Required value"),
    ],
)
def test_a_service_has_its_rules(ports: list[Object], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        stored(service("s", *ports))

"""Service: the address of the model within the cluster."""

import pytest

from hooks.nimservice import naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import service
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations import stored


def exposed(**spec):
    return situation.only(service, expose={"service": spec})


def test_the_default_is_a_cluster_ip_on_port_8000():
    """Q13, I-5: without ``expose`` the reference panics until its own write has made the default
    appear."""
    assert situation.only(service)["spec"] == {
        "type": "ClusterIP",
        "selector": {"app": "llama"},
        "ports": [{"name": "api", "port": 8000, "targetPort": "api", "protocol": "TCP"}],
    }


@pytest.mark.parametrize(
    ("given", "type_"),
    [("NodePort", "NodePort"), ("LoadBalancer", "LoadBalancer"), ("", "ClusterIP")],
)
def test_the_type_is_the_users(given, type_):
    assert exposed(type=given)["spec"]["type"] == type_


def test_further_ports_have_names_that_pods_know():
    ports = exposed(port=9000, grpcPort=9001, metricsPort=9002)["spec"]["ports"]
    assert [(port["name"], port["port"], port["targetPort"]) for port in ports] == [
        ("api", 9000, "api"),
        ("grpc", 9001, "grpc"),
        ("metrics", 9002, "metrics"),
    ]


def test_what_the_cluster_assigns_is_not_mentioned():
    """Addresses and node ports that are not in the answer survive every write."""
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "externalTrafficPolicy"} & set(
        exposed(type="LoadBalancer")["spec"]
    )
    assert not any("nodePort" in port for port in exposed(type="NodePort")["spec"]["ports"])


def test_the_user_can_name_it():
    """Q46, I-34."""
    assert exposed(name="chat")["metadata"]["name"] == "chat"


def test_labels_of_the_service_yield_to_those_of_the_nimservice_and_both_to_the_standard_ones():
    made = situation.only(
        service,
        labels={"a": "nim", "b": "nim"},
        expose={
            "service": {"labels": {"a": "service", "c": "service", "app.kubernetes.io/name": "x"}}
        },
    )
    assert made["metadata"]["labels"] == {
        "a": "nim",
        "b": "nim",
        "c": "service",
        **naming.standard_labels(NIMService.parse(situation.nimservice())),
    }


def test_annotations_of_the_service_yield_to_those_of_the_nimservice():
    made = situation.only(
        service,
        annotations={"a": "nim"},
        expose={"service": {"annotations": {"a": "service", "b": "service"}}},
    )
    assert made["metadata"]["annotations"] == {"a": "nim", "b": "service"}


def test_there_are_no_annotations_where_none_are_given():
    assert "annotations" not in situation.only(service)["metadata"]


def test_on_openshift_it_names_the_constraints():
    made = situation.only(service, settings=Settings(openshift=True))
    assert made["metadata"]["annotations"] == {"openshift.io/required-scc": "nonroot"}


def test_kserve_makes_its_own():
    assert not stored.built(service, situation.context(inferencePlatform="kserve"))

"""Service: the address of the model within the cluster."""

import pytest

from hooks.cli import advice
from hooks.kernel.finding import Finding
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import service, servicemonitor
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


def both(related=(), **service_spec):
    ctx = situation.context(
        related=related,
        expose={"service": {"name": "chat", **service_spec}},
        metrics={"enabled": True},
    )
    made = list(service.build(ctx))
    services = {each["metadata"]["name"]: each for each in stored.built(service, ctx)}
    return services, [each for each in made if isinstance(each, Finding)]


def test_a_given_name_makes_a_second_service_and_clients_still_reach_the_first():
    """Q46, I-34: NVIDIA's operator ignores the name, and charts rely on that."""
    made, findings = both(port=9000, grpcPort=9001)
    assert set(made) == {"llama", "chat"}
    assert not findings
    assert made["chat"]["spec"] == made["llama"]["spec"]


def test_the_second_service_takes_no_address_and_no_host_name_of_its_own():
    made, _ = both(type="LoadBalancer", annotations={"dns": "chat.example.com"}, labels={"a": "b"})
    assert made["llama"]["spec"]["type"] == "LoadBalancer"
    assert made["chat"]["spec"]["type"] == "ClusterIP"
    assert "annotations" not in made["chat"]["metadata"]
    assert "a" not in made["chat"]["metadata"]["labels"]


def test_the_servicemonitor_scrapes_one_of_the_two():
    made, _ = both()
    (monitor,) = stored.built(
        servicemonitor,
        situation.context(expose={"service": {"name": "chat"}}, metrics={"enabled": True}),
    )
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    scraped = [name for name, each in made.items() if wanted <= each["metadata"]["labels"].items()]
    assert scraped == ["llama"]


OTHER = {
    "apiVersion": "apps.nvidia.com/v1alpha1",
    "kind": "NIMService",
    "name": "other",
    "uid": "1",
}


def there(kind, **metadata):
    named = {"name": "chat", "namespace": stored.NAMESPACE, **metadata}
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": named}


@pytest.mark.parametrize(
    ("holder", "told"),
    [
        (
            there(kinds.SERVICE, ownerReferences=[{**OTHER, "controller": True}]),
            "Service chat already exists and belongs to NIMService other",
        ),
        (there(kinds.SERVICE), "Service chat already exists and has no owner"),
        (there(kinds.NIM_SERVICE), "Service chat belongs to NIMService chat"),
    ],
    ids=["of another NIMService", "of nobody", "the name of a NIMService"],
)
def test_a_name_that_is_taken_is_a_finding_and_the_first_service_is_made(holder, told):
    made, (finding,) = both([holder])
    assert set(made) == {"llama"}
    assert finding.reason == "ChildNotObserved"
    assert finding.message == f"{told}. Clients reach the model by Service llama"


@pytest.mark.parametrize("name", ["Chat_API", "chat.example.com", "c" * 64, "chat-"])
def test_a_name_that_no_service_can_have_is_a_finding_and_the_first_service_is_made(name):
    """NVIDIA's operator never reads the name, so such a manifest runs there."""
    made, (finding,) = both(name=name)
    assert set(made) == {"llama"}
    assert (finding.reason, finding.path) == ("ChildNotObserved", "spec.expose.service.name")
    assert "Clients reach the model by Service llama" in finding.message
    nim = situation.nimservice(expose={"service": {"name": name}})
    assert [each.path for each in advice.give(nim)] == ["spec.expose.service.name"]


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

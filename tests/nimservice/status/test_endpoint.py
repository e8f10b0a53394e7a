"""Endpoint: where the model can be reached, from what is observed."""

import pytest

from hooks.nimservice.children import ingress, route, service
from hooks.nimservice.status import endpoint
from tests.situations import nimservice as situation
from tests.situations.nimservice import applied, context
from tests.situations.stored import built

DOMAIN = {"hostDomainName": "example.com"}
INGRESS = {"router": {**DOMAIN, "ingress": {"ingressClass": "nginx"}}}
GATEWAY = {"router": {**DOMAIN, "gateway": {"namespace": "gw", "name": "gw"}}}


def balanced(*points):
    return {"loadBalancer": {"ingress": list(points)}}


def observed(builder, status=None, expose=None, **spec):
    return [
        applied(child, status=status, **spec)
        for child in built(builder, context(expose=expose or {}))
    ]


@pytest.mark.parametrize(
    ("address", "endpoint_"),
    [
        ("10.96.0.10", "10.96.0.10:8000"),
        ("fd00:10:96::a", "[fd00:10:96::a]:8000"),
        ("None", "llama.nim.svc:8000"),
        ("", ""),
        (None, ""),
        (7, ""),  # nothing that an API server keeps
    ],
)
def test_within_the_cluster_it_is_the_services_address(address, endpoint_):
    """Q19: in the reference an IPv6 address has no brackets, and a headless Service is
    ``None:8000``."""
    assert endpoint.cluster(context(observed(service, clusterIP=address))) == endpoint_


def test_without_a_service_there_is_no_address():
    assert endpoint.cluster(context()) == ""
    assert endpoint.external(context()) == ""


def test_the_service_may_have_a_name_and_a_port_of_its_own():
    expose = {"service": {"name": "chat", "port": 9000}}
    assert (
        endpoint.cluster(context(observed(service, expose=expose), expose=expose))
        == "10.96.0.10:9000"
    )


@pytest.mark.parametrize(
    ("status", "endpoint_"),
    [
        (balanced({"ip": "203.0.113.7"}), "203.0.113.7:8000"),
        (balanced({"ip": "2001:db8::7"}), "[2001:db8::7]:8000"),
        (balanced({"hostname": "lb.example.com"}), "lb.example.com:8000"),
        (balanced({"hostname": "lb.example.com", "ip": "203.0.113.7"}), "lb.example.com:8000"),
        (balanced({}, {"ip": "203.0.113.7"}), "203.0.113.7:8000"),
        (balanced(), ""),
        ({"loadBalancer": {}}, ""),
        (None, ""),
    ],
)
def test_outside_it_is_the_load_balancers_address(status, endpoint_):
    """Q19, I-27: the reference reads a field of the spec that nobody sets."""
    assert endpoint.external(context(observed(service, status))) == endpoint_


def test_an_ingress_is_known_by_its_host():
    assert (
        endpoint.external(context(observed(ingress, expose=INGRESS), expose=INGRESS))
        == "llama.nim.example.com"
    )


@pytest.mark.parametrize(
    ("ip", "endpoint_"), [("203.0.113.8", "203.0.113.8"), ("2001:db8::8", "[2001:db8::8]")]
)
@pytest.mark.parametrize("host", [None, "*.example.com"])
def test_an_ingress_without_a_host_of_its_own_is_known_by_its_load_balancer(host, ip, endpoint_):
    (made,) = observed(
        ingress, balanced({"ip": ip}), expose={"router": {"ingress": {"ingressClass": "nginx"}}}
    )
    made["spec"]["rules"][0]["host"] = host
    assert endpoint.external(context([made])) == endpoint_


def test_only_a_host_that_leads_to_the_model_counts():
    (made,) = observed(ingress, expose=INGRESS)
    other = {
        "host": "other.example.com",
        "http": {"paths": [{"backend": {"service": {"name": "other"}}}]},
    }
    bare = {"host": "bare.example.com"}
    made["spec"]["rules"] = [bare, other, *made["spec"]["rules"]]
    assert endpoint.external(context([made])) == "llama.nim.example.com"


def test_a_route_is_known_by_its_host():
    """I-27: the reference never looks at routes."""
    assert (
        endpoint.external(context(observed(route, expose=GATEWAY), expose=GATEWAY))
        == "llama.nim.example.com"
    )


def test_what_is_asked_for_and_not_there_yet_is_no_address():
    """Status tells what is observed."""
    assert endpoint.external(context(observed(service), expose=INGRESS)) == ""


def test_an_ingress_comes_before_a_route_and_both_before_the_load_balancer():
    balancer = observed(service, balanced({"ip": "203.0.113.7"}))
    routes = observed(route, expose=GATEWAY)
    entry = observed(ingress, expose=INGRESS)
    entry[0]["spec"]["rules"][0]["host"] = "first.example.com"
    assert endpoint.external(context([*balancer, *routes, *entry])) == "first.example.com"
    assert endpoint.external(context([*balancer, *routes])) == "llama.nim.example.com"


def test_a_service_that_is_asked_for_differently_is_read_as_it_is():
    assert situation.NAME in endpoint.cluster(context(observed(service, clusterIP="None")))

"""Ingress: the router's, or one that is written out in full."""

import pytest

from hooks.nimservice import backend
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children import ingress
from tests.situations import nimservice as situation
from tests.situations import stored

FULL = {"ingressClassName": "nginx", "rules": [{"host": "chat.example.com", "http": {"paths": []}}]}


def routed(**router):
    return situation.only(
        ingress, expose={"router": {"ingress": {"ingressClass": "nginx"}, **router}}
    )


@pytest.mark.parametrize(
    "expose",
    [
        {},
        {"ingress": {"enabled": False, "spec": FULL}},
        {"router": {"hostDomainName": "example.com"}},
    ],
    ids=["nothing asked", "switched off", "a domain alone"],
)
def test_absent_unless_it_is_asked_for(expose):
    assert not stored.built(ingress, situation.context(expose=expose))


def test_the_routers_ingress_leads_to_the_service():
    assert routed(hostDomainName="example.com")["spec"] == {
        "ingressClassName": "nginx",
        "rules": [
            {
                "host": "llama.nim.example.com",
                "http": {
                    "paths": [
                        {
                            "path": "/",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": "llama", "port": {"name": "api"}}},
                        },
                    ]
                },
            }
        ],
    }


def test_without_a_domain_it_matches_every_host():
    """The reference's host name would end in a dot."""
    (rule,) = routed()["spec"]["rules"]
    assert "host" not in rule


def test_a_secret_makes_it_tls_for_its_host():
    made = routed(
        hostDomainName="example.com", ingress={"ingressClass": "nginx", "tlsSecretName": "cert"}
    )
    assert made["spec"]["tls"] == [{"hosts": ["llama.nim.example.com"], "secretName": "cert"}]


def test_tls_without_a_domain_names_no_host():
    assert routed(ingress={"ingressClass": "nginx", "tlsSecretName": "cert"})["spec"]["tls"] == [
        {"secretName": "cert"}
    ]


def test_it_leads_to_the_service_that_always_exists():
    made = situation.only(
        ingress,
        expose={"service": {"name": "chat"}, "router": {"ingress": {"ingressClass": "nginx"}}},
    )
    assert made["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] == "llama"


def test_the_deprecated_form_is_used_as_it_is():
    made = situation.only(
        ingress, expose={"ingress": {"enabled": True, "spec": FULL, "annotations": {"a": "b"}}}
    )
    assert made["spec"] == {
        "ingressClassName": "nginx",
        "rules": [{"host": "chat.example.com", "http": {}}],
    }
    assert made["metadata"]["annotations"] == {"a": "b"}


def test_annotations_of_the_router_yield_to_those_of_the_nimservice():
    router = {"ingress": {"ingressClass": "nginx"}, "annotations": {"a": "router", "b": "router"}}
    made = situation.only(ingress, annotations={"a": "nim"}, expose={"router": router})
    assert made["metadata"]["annotations"] == {"a": "nim", "b": "router"}


def test_with_kserve_there_is_none():
    ctx = situation.context(
        inferencePlatform="kserve", expose={"router": {"ingress": {"ingressClass": "nginx"}}}
    )
    assert not stored.built(ingress, ctx)


def leading(name, port, related=()):
    backend = {"service": {"name": name, "port": port}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    expose = {
        "service": {"name": "chat"},
        "ingress": {"enabled": True, "spec": {"rules": [{"http": {"paths": paths}}]}},
    }
    made, *findings = ingress.build(situation.context(related=related, expose=expose))
    assert made["spec"]["rules"][0]["http"]["paths"] == paths
    return [(each.reason, each.path, each.message) for each in findings]


@pytest.mark.parametrize("name", ["llama", "chat"])
@pytest.mark.parametrize("port", [{"number": 8000}, {"name": "api"}])
def test_the_deprecated_ingress_may_lead_to_either_service(name, port):
    assert leading(name, port) == []


def test_a_deprecated_ingress_that_leads_nowhere_is_told_and_made():
    path = "spec.expose.ingress.spec.rules[0].http.paths[0].backend.service"
    assert leading("lama", {"number": 8000}) == [
        ("IngressBackendNotFound", path, "Service lama does not exist")
    ]
    assert leading("llama", {"number": 80}) == [
        ("IngressBackendNotFound", path, "Service llama has no port 80")
    ]


def test_a_deprecated_ingress_may_lead_to_a_service_of_somebody_else():
    theirs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "proxy", "namespace": stored.NAMESPACE},
    }
    assert leading("proxy", {"number": 80}, [theirs]) == []
    asked = situation.nimservice(
        expose={
            "ingress": {
                "enabled": True,
                "spec": {"defaultBackend": {"service": {"name": "proxy", "port": {"number": 80}}}},
            }
        }
    )
    assert backend.of_others(NIMService.parse(asked)) == ["proxy"]

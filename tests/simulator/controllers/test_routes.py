"""Routes: accepted by their Gateway, and an Ingress with an address."""

from hooks.cluster.api import Resource
from tests.simulator.inside import Cluster


def test_routes_are_accepted_and_an_ingress_gets_an_address() -> None:
    cluster = Cluster()
    route = Resource("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes")
    ingress = Resource("networking.k8s.io/v1", "Ingress", "ingresses")
    cluster.make(
        {
            "apiVersion": route.api_version,
            "kind": route.kind,
            "metadata": {"name": "r"},
            "spec": {"parentRefs": [{"name": "g"}]},
        }
    )
    cluster.make(
        {
            "apiVersion": ingress.api_version,
            "kind": ingress.kind,
            "metadata": {"name": "i"},
            "spec": {},
        }
    )
    cluster.settle()
    (parent,) = cluster.get(route, "r")["status"]["parents"]
    assert [(entry["type"], entry["status"]) for entry in parent["conditions"]] == [
        ("Accepted", "True"),
        ("ResolvedRefs", "True"),
    ]
    assert cluster.get(ingress, "i")["status"]["loadBalancer"]["ingress"]

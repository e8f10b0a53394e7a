"""Network: a load balancer's address."""

from tests.simulator.inside import Cluster
from tests.simulator.lab import SERVICE, service


def test_a_load_balancer_gets_an_address_and_loses_it_with_its_type() -> None:
    cluster = Cluster()
    wanted = service("s", {"port": 80})
    wanted["spec"]["type"] = "LoadBalancer"
    cluster.make(wanted)
    assert not cluster.get(SERVICE, "s")["status"]["loadBalancer"]
    cluster.settle()
    assert cluster.get(SERVICE, "s")["status"]["loadBalancer"]["ingress"][0]["ip"]
    cluster.server.edit(SERVICE, "default", "s", lambda obj: obj["spec"].update(type="ClusterIP"))
    cluster.settle()
    assert cluster.get(SERVICE, "s")["status"] == {"loadBalancer": {}}

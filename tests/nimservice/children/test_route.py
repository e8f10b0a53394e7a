"""Routes: where HTTPRoute and GRPCRoute lead."""

import pytest

from hooks.kernel.finding import Finding
from hooks.nimservice import kinds
from hooks.nimservice.children import route
from tests.nimservice.children.endpointpicker.picked import expose as picking
from tests.situations import nimservice as situation
from tests.situations import stored

GATEWAY = {"name": "gw", "namespace": "infra"}
BACKEND = {"name": "canary", "port": 80}


def routes(gateway=(), *, service=(), manages=kinds.MANAGED, spec=(), **router):
    expose = {
        "service": dict(service),
        "router": {"gateway": {**GATEWAY, **dict(gateway)}, **router},
    }
    return {
        each["kind"]: each
        for each in stored.built(
            route, situation.context(manages=manages, expose=expose, **dict(spec))
        )
    }


def backend(made):
    ((ref,),) = (rule["backendRefs"] for rule in made["spec"]["rules"])
    return ref["kind"], ref["name"], ref.get("port")


def test_absent_by_default():
    assert not stored.built(route, situation.context())


def test_absent_where_kserve_makes_them():
    assert not routes(spec={"inferencePlatform": "kserve"})


def test_an_httproute_leads_to_the_service():
    assert routes(hostDomainName="example.com")["HTTPRoute"]["spec"] == {
        "parentRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", **GATEWAY}],
        "hostnames": ["llama.nim.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [
                    {"group": "", "kind": "Service", "name": "llama", "port": 8000, "weight": 1}
                ],
            }
        ],
    }


def test_http_routes_can_be_switched_off():
    """Q3, I-1: in the reference false does not stick."""
    assert not routes({"httpRoutesEnabled": False})


def test_a_grpcroute_leads_to_the_grpc_port():
    made = routes({"grpcRoutesEnabled": True}, service={"grpcPort": 50051})
    assert backend(made["GRPCRoute"]) == ("Service", "llama", 50051)


def test_a_grpcroute_without_a_port_is_not_made_and_said():
    ctx = situation.context(expose={"router": {"gateway": {**GATEWAY, "grpcRoutesEnabled": True}}})
    (finding,) = (each for each in route.build(ctx) if isinstance(each, Finding))
    assert finding.reason == "GRPCPortMissing"
    assert finding.path == "spec.expose.service.grpcPort"


def test_the_httproute_leads_to_the_pool_and_the_grpcroute_to_the_service():
    """I-28: the reference does not lead the route to the pool it makes."""
    made = routes({"grpcRoutesEnabled": True}, service={"grpcPort": 50051}, **picking()["router"])
    ref = made["HTTPRoute"]["spec"]["rules"][0]["backendRefs"][0]
    assert ref == {
        "group": "inference.networking.k8s.io",
        "kind": "InferencePool",
        "name": "llama",
        "weight": 1,
    }
    assert backend(made["GRPCRoute"]) == ("Service", "llama", 50051)


@pytest.mark.parametrize(
    ("manages", "picker"),
    [
        ([kind for kind in kinds.MANAGED if kind is not kinds.INFERENCE_POOL], {}),
        (kinds.MANAGED, {"config": None}),
    ],
    ids=["no pool can be made", "the picker has no configuration"],
)
def test_without_a_picker_the_route_stays_with_the_service(manages, picker):
    assert backend(routes(manages=manages, **picking(**picker)["router"])["HTTPRoute"]) == (
        "Service",
        "llama",
        8000,
    )


def test_a_backend_of_the_users_holds_for_both():
    """Q32: the reference's GRPCRoute ignores it."""
    made = routes(
        {"grpcRoutesEnabled": True, "backendRef": BACKEND},
        service={"grpcPort": 50051},
        **picking()["router"],
    )
    assert backend(made["HTTPRoute"]) == backend(made["GRPCRoute"]) == ("Service", "canary", 80)


def test_long_generations_get_the_time_that_they_need():
    """Many proxies cut an answer after 15 or 60 seconds."""
    times = {"request": "10m", "backendRequest": "5m"}
    made = routes({"timeouts": times, "grpcRoutesEnabled": True}, service={"grpcPort": 9000})
    assert made["HTTPRoute"]["spec"]["rules"][0]["timeouts"] == times
    assert "timeouts" not in made["GRPCRoute"]["spec"]["rules"][0]


@pytest.mark.parametrize("timeouts", [None, {}])
def test_without_timeouts_the_gateways_own_hold(timeouts):
    (rule,) = routes({"timeouts": timeouts})["HTTPRoute"]["spec"]["rules"]
    assert "timeouts" not in rule

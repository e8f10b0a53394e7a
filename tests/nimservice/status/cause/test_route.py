"""Route: what Gateways object to, told under Degraded."""

import pytest

from hooks.kernel.finding import Finding
from hooks.nimservice import kinds
from tests.nimservice.status.cause.warned import ROUTED, condition, route, warnings
from tests.situations import nimservice as situation
from tests.situations import stored


def test_a_route_that_a_gateway_refuses_is_told_with_its_reason() -> None:
    refused = route(
        condition(
            "Accepted",
            "False",
            "NotAllowedByListeners",
            "No listeners included by this parent ref allowed this attachment.",
        )
    )
    expected = Finding(
        "RouteNotAccepted",
        "Gateway infra/public does not accept HTTPRoute llama"
        ' ("NotAllowedByListeners: No listeners included by this parent ref allowed this attachment.")',
        "allow routes of this namespace in the Gateway's listeners (allowedRoutes)",
    )
    assert warnings(refused, nim=ROUTED) == [expected]
    assert warnings(refused, nim=ROUTED, serving=False) == [expected]


@pytest.mark.parametrize(
    ("kind", "reason", "known", "remedy"),
    [
        (
            "Accepted",
            "NoMatchingListenerHostname",
            "RouteNotAccepted",
            "give the Gateway a listener for the route's host name",
        ),
        ("Accepted", "UnsupportedValue", "RouteNotAccepted", "check the Gateway's listeners"),
        (
            "ResolvedRefs",
            "BackendNotFound",
            "RouteNotResolved",
            "correct spec.expose.router.gateway.backendRef",
        ),
        ("ResolvedRefs", "RefNotPermitted", "RouteNotResolved", "add a ReferenceGrant"),
        ("Programmed", "Pending", "RouteNotProgrammed", "check the Gateway"),
    ],
)
def test_each_objection_has_its_reason_and_remedy(
    kind: str, reason: str, known: str, remedy: str
) -> None:
    (found,) = warnings(route(condition(kind, "False", reason)), nim=ROUTED)
    assert found.reason == known
    assert remedy in found.remedy


def test_an_accepted_route_is_no_trouble() -> None:
    assert (
        warnings(
            route(
                condition("Accepted", "True", "Accepted"),
                condition("ResolvedRefs", "True", "ResolvedRefs"),
            ),
            nim=ROUTED,
        )
        == []
    )


def test_an_objection_to_an_earlier_route_is_past() -> None:
    assert (
        warnings(
            route(condition("Accepted", "False", "NoMatchingParent", generation=1), generation=2),
            nim=ROUTED,
        )
        == []
    )


def test_a_route_without_an_answer_is_told_once_the_model_serves() -> None:
    unanswered = route(parents=0)
    assert warnings(unanswered, nim=ROUTED, serving=False) == []
    assert warnings(unanswered, nim=ROUTED) == [
        Finding(
            "RouteIgnored",
            "Gateway infra/public has not answered HTTPRoute llama",
            "check that the Gateway exists and that its class has a controller",
        )
    ]


def test_the_pool_of_an_endpoint_picker_may_be_refused_too() -> None:
    parents = [
        {
            "parentRef": {"name": "public"},
            "conditions": [
                condition("ResolvedRefs", "False", "InvalidExtensionRef", "no such Service")
            ],
        }
    ]
    pool = {
        "apiVersion": kinds.INFERENCE_POOL.api_version,
        "kind": "InferencePool",
        "metadata": {"name": "llama", "namespace": stored.NAMESPACE, "generation": 1},
        "spec": {},
    }
    (found,) = warnings(situation.applied(pool, status={"parents": parents}))
    assert found.reason == "RouteNotResolved"
    assert found.message.startswith(
        "Gateway public cannot resolve a reference of InferencePool llama"
    )

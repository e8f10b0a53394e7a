"""Cause: what does not work although the model may be up, told under ``Degraded``."""

from typing import Any

import pytest

from hooks.kernel import resource
from hooks.kernel.finding import Finding
from hooks.nimservice import children, kinds
from hooks.nimservice.status import cause
from hooks.resources import NIM_SERVICE, Settings
from tests.situations import nimservice as situation
from tests.situations import pods, stored

JSON = dict[str, Any]
GATEWAY = {
    "router": {"gateway": {"namespace": "infra", "name": "public", "httpRoutesEnabled": True}}
}
SCALED = situation.nimservice(scale={"enabled": True, "hpa": {"minReplicas": 1, "maxReplicas": 4}})


def made(kind: str, nim: JSON, **status: Any) -> JSON:
    child = next(
        each for each in children.plan(situation.context(nim=nim)).children if each["kind"] == kind
    )
    return situation.applied(child, status=status or None)


def warnings(*observed: JSON, nim: JSON | None = None, serving: bool = True) -> list[Finding]:
    up = situation.rolled_out() if serving else {"availableReplicas": 0}
    return list(cause.warnings(pods.context(observed=observed, nim=nim, **up)))


def scaling(kind: str, status: str, reason: str, message: str = "") -> JSON:
    return made(
        "HorizontalPodAutoscaler",
        SCALED,
        conditions=[{"type": kind, "status": status, "reason": reason, "message": message}],
    )


NO_METRICS = (
    "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu:"
    " unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
)


def test_an_autoscaler_without_metrics_is_told() -> None:
    assert warnings(
        scaling("ScalingActive", "False", "FailedGetResourceMetric", NO_METRICS), nim=SCALED
    ) == [
        Finding(
            "FailedGetResourceMetric",
            f'HorizontalPodAutoscaler llama does not scale ("{NO_METRICS}")',
            "install or repair the metrics server, and set requests in spec.resources",
        )
    ]


def test_pods_that_are_not_up_have_no_metrics_yet() -> None:
    assert (
        warnings(
            scaling("ScalingActive", "False", "FailedGetResourceMetric", NO_METRICS),
            nim=SCALED,
            serving=False,
        )
        == []
    )


@pytest.mark.parametrize(
    ("kind", "reason", "known"),
    [
        ("ScalingActive", "FailedGetContainerResourceMetric", "FailedGetResourceMetric"),
        ("ScalingActive", "FailedGetPodsMetric", "FailedGetPodsMetric"),
        ("ScalingActive", "FailedGetExternalMetric", "FailedGetExternalMetric"),
        ("ScalingActive", "AmbiguousSelector", "AutoscalerInactive"),
        ("AbleToScale", "FailedGetScale", "AutoscalerInactive"),
    ],
)
def test_the_autoscalers_own_reason_stays_where_it_is_documented(
    kind: str, reason: str, known: str
) -> None:
    assert [each.reason for each in warnings(scaling(kind, "False", reason), nim=SCALED)] == [known]


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("ScalingActive", "True", "ValidMetricFound"),
        ("ScalingActive", "False", "ScalingDisabled"),
        ("ScalingLimited", "True", "TooManyReplicas"),
    ],
)
def test_an_autoscaler_that_works_or_is_off_is_no_trouble(
    kind: str, status: str, reason: str
) -> None:
    assert warnings(scaling(kind, status, reason), nim=SCALED) == []


ROUTED = situation.nimservice(expose=GATEWAY)


def route(*conditions: JSON, parents: int = 1, generation: int = 1) -> JSON:
    answer = {
        "parentRef": {"kind": "Gateway", "namespace": "infra", "name": "public"},
        "controllerName": "example.com/gateway",
    }
    child = made(
        "HTTPRoute", ROUTED, parents=[{**answer, "conditions": list(conditions)}] * parents
    )
    child["metadata"]["generation"] = generation
    return child


def condition(kind: str, status: str, reason: str, message: str = "", generation: int = 1) -> JSON:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "observedGeneration": generation,
    }


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


def observed(nim: JSON, *without: str) -> list[JSON]:
    kept = [
        child
        for child in children.plan(situation.context(nim=nim)).children
        if child["kind"] not in ("Deployment", *without)
    ]
    return [situation.applied(child) for child in kept]


def said(nim: JSON, *observed_children: JSON) -> dict[str, JSON]:
    answer = resource.sync(
        NIM_SERVICE, stored.request(nim, observed_children), Settings(), stored.NOW
    ).body
    return {each["type"]: each for each in answer["status"]["conditions"]}


def degraded(nim: JSON, *observed_children: JSON) -> JSON | None:
    return said(nim, *observed_children).get("Degraded")


SYNCED = {"observedGeneration": 1}


def test_a_child_that_stays_unobserved_is_refused_or_belongs_to_someone_else() -> None:
    nim = situation.nimservice(status=SYNCED)
    found = degraded(nim, pods.deployment(), *observed(nim, "Service"))
    assert found is not None
    assert found["reason"] == "ChildNotObserved"
    assert found["message"] == (
        "Service llama is desired but missing;"
        " see the API server's answer in kubectl describe nimservice llama -n nim,"
        " or the owner of the name in kubectl get service llama -n nim --show-labels"
    )


def test_children_of_a_new_edit_are_not_there_yet() -> None:
    nim = situation.nimservice(status=SYNCED, generation=2)
    assert degraded(nim, pods.deployment(), *observed(nim, "Service")) is None


def test_children_are_not_there_yet_before_the_workload_is_noticed() -> None:
    nim = situation.nimservice(status=SYNCED)
    fresh = pods.deployment()
    del fresh["status"]
    assert degraded(nim, fresh, *observed(nim, "Service")) is None


@pytest.mark.parametrize("reason", ["Creating", "ChildNotObserved"])
def test_a_workload_that_was_to_be_created_a_minute_ago_is_not_being_created(reason: str) -> None:
    def creating(seconds: int) -> JSON:
        since = stored.stamp(stored.ago(seconds=seconds))
        ready = {
            "type": "Ready",
            "status": "False",
            "reason": reason,
            "message": "",
            "lastTransitionTime": since,
        }
        return situation.nimservice(status={**SYNCED, "conditions": [ready]})

    assert degraded(creating(59), *observed(creating(59))) is None
    assert said(creating(59), *observed(creating(59)))["Ready"]["reason"] == "Creating"
    found = said(creating(60), *observed(creating(60)))
    assert {each["reason"] for each in found.values() if each["status"] == "True"} == {
        "ChildNotObserved"
    }
    for kind in ("Ready", "Degraded"):
        assert found[kind]["message"].startswith("Deployment llama is desired but missing")


def test_an_endpoint_picker_in_trouble_is_told_and_does_not_make_the_model_unready() -> None:
    picker = pods.pod(
        pods.crashing(1, name="epp"), name="llama-epp-5d-x", labels={"app": "llama-epp"}
    )
    ctx = pods.context(picker, pods.pod(pods.serving()), **situation.rolled_out())
    assert cause.worst(ctx) is None
    (found,) = cause.warnings(ctx)
    assert found.reason == "CrashLoopBackOff"
    assert found.message.startswith(
        "The endpoint picker does not work. Container epp ended with exit code 1 after 4 restarts in pod llama-epp-5d-x"
    )


def test_an_endpoint_picker_that_starts_is_no_trouble() -> None:
    picker = pods.pod(pods.running(name="epp"), name="llama-epp-5d-x", labels={"app": "llama-epp"})
    assert list(cause.warnings(pods.context(picker, **situation.rolled_out()))) == []


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


def test_of_what_is_being_deleted_nothing_has_to_work() -> None:
    nim = situation.nimservice(expose=GATEWAY, deleted=stored.NOW)
    assert warnings(route(condition("Accepted", "False", "NotAllowedByListeners")), nim=nim) == []

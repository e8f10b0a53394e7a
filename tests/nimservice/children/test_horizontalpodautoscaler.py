"""HorizontalPodAutoscaler: owns the number of replicas."""

import pytest

from hooks.nimservice.children import horizontalpodautoscaler
from tests.situations import nimservice as situation
from tests.situations import stored


def autoscaled(**hpa):
    return situation.only(
        horizontalpodautoscaler, scale={"enabled": True, "hpa": {"maxReplicas": 4, **hpa}}
    )


def utilization(name, percent=80):
    return {
        "type": "Resource",
        "resource": {
            "name": name,
            "target": {"type": "Utilization", "averageUtilization": percent},
        },
    }


@pytest.mark.parametrize(
    "scale", [{}, {"enabled": False, "hpa": {"maxReplicas": 2}}, {"hpa": {"maxReplicas": 2}}]
)
def test_absent_unless_it_is_enabled(scale):
    assert not stored.built(horizontalpodautoscaler, situation.context(scale=scale))


def test_it_scales_the_deployment_between_its_bounds():
    made = autoscaled(minReplicas=2)
    assert made["spec"]["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "llama",
    }
    assert (made["spec"]["minReplicas"], made["spec"]["maxReplicas"]) == (2, 4)


def test_one_replica_is_the_least_by_default():
    assert autoscaled()["spec"]["minReplicas"] == 1


def test_without_metrics_it_says_what_kubernetes_would_do():
    """The list is replaced whole: left out, the default that the API server writes would differ at
    every sync."""
    assert autoscaled()["spec"]["metrics"] == [utilization("cpu")]


def test_metrics_are_sorted_by_type_and_keep_their_order_within_it():
    pods = {
        "type": "Pods",
        "pods": {
            "metric": {"name": "queue"},
            "target": {"type": "AverageValue", "averageValue": "10"},
        },
    }
    made = autoscaled(metrics=[utilization("memory"), pods, utilization("cpu")])
    assert made["spec"]["metrics"] == [pods, utilization("memory"), utilization("cpu")]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (
            {"type": "AverageValue", "averageValue": "1000m"},
            {"type": "AverageValue", "averageValue": "1"},
        ),
        ({"type": "Value", "value": 1000}, {"type": "Value", "value": "1k"}),
        (
            {"type": "AverageValue", "averageValue": "1024Mi"},
            {"type": "AverageValue", "averageValue": "1Gi"},
        ),
    ],
)
@pytest.mark.parametrize("kind", ["Resource", "Pods", "Object", "External", "ContainerResource"])
def test_amounts_are_written_as_they_are_stored_whatever_the_metric(kind, given, stored):
    field = kind[0].lower() + kind[1:]
    (metric,) = autoscaled(metrics=[{"type": kind, field: {"name": "x", "target": given}}])["spec"][
        "metrics"
    ]
    assert metric == {"type": kind, field: {"name": "x", "target": stored}}


def test_the_behaviour_is_the_users():
    behavior = {
        "scaleDown": {
            "stabilizationWindowSeconds": 0,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
        }
    }
    assert autoscaled(behavior=behavior)["spec"]["behavior"] == behavior
    assert "behavior" not in autoscaled(behavior={})["spec"]


def test_a_tolerance_is_an_amount_too():
    made = autoscaled(behavior={"scaleUp": {"tolerance": "0.05"}, "scaleDown": {"tolerance": 0}})
    assert made["spec"]["behavior"] == {
        "scaleUp": {"tolerance": "50m"},
        "scaleDown": {"tolerance": "0"},
    }


def test_its_own_annotations_yield_to_those_of_the_nimservice():
    scale = {
        "enabled": True,
        "hpa": {"maxReplicas": 2},
        "annotations": {"a": "scale", "b": "scale"},
    }
    made = situation.only(horizontalpodautoscaler, scale=scale, annotations={"a": "nim"})
    assert made["metadata"]["annotations"] == {"a": "nim", "b": "scale"}


def test_kserve_scales_by_itself():
    ctx = situation.context(
        inferencePlatform="kserve", scale={"enabled": True, "hpa": {"maxReplicas": 2}}
    )
    assert not stored.built(horizontalpodautoscaler, ctx)

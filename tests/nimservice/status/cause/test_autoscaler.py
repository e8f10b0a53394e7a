"""Autoscaler: what it says of metrics that it misses, told under Degraded."""

import pytest

from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from tests.nimservice.status.cause.warned import made, warnings
from tests.situations import nimservice as situation

SCALED = situation.nimservice(scale={"enabled": True, "hpa": {"minReplicas": 1, "maxReplicas": 4}})


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
            "install or repair the metrics server, and set spec.resources.requests",
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

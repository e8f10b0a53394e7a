"""Scale: replicas and metrics in the words of an InferenceService."""

import pytest

from tests.situations.kserve import MODE, metric, predictor, scaled, service


def test_a_number_of_replicas_is_both_bounds():
    assert {key: predictor(replicas=3)[key] for key in ("minReplicas", "maxReplicas")} == {
        "minReplicas": 3,
        "maxReplicas": 3,
    }
    assert "minReplicas" not in predictor()


@pytest.mark.parametrize("annotations", [{}, {MODE: "Knative"}])
def test_no_replicas_stop_the_model(annotations):
    """I-41: KServe takes a maximum of 0 for none given, and its autoscaler keeps one replica."""
    made = service(replicas=0, annotations=annotations)
    assert made["metadata"]["annotations"]["serving.kserve.io/stop"] == "true"
    assert "maxReplicas" not in made["spec"]["predictor"]
    assert "serving.kserve.io/stop" not in service(replicas=1)["metadata"]["annotations"]


def test_one_utilization_stays_where_the_reference_has_it():
    made = service(**scaled(metric(averageUtilization=80), minReplicas=2))
    assert made["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == "hpa"
    scaling = {
        key: value
        for key, value in made["spec"]["predictor"].items()
        if "Replicas" in key or "cal" in key[:6]
    }
    assert scaling == {
        "minReplicas": 2,
        "maxReplicas": 3,
        "scaleMetric": "cpu",
        "scaleMetricType": "Utilization",
        "scaleTarget": 80,
    }


@pytest.mark.parametrize(
    "metrics",
    [
        [metric("memory", averageValue="4Gi")],
        [metric(averageUtilization=80), metric("memory", averageUtilization=70)],
        [metric("memory", averageUtilization=150)],
    ],
    ids=["an amount", "several", "more than KServe's webhook admits in scaleTarget"],
)
def test_any_other_metrics_are_a_list(metrics):
    """I-9: the reference keeps the first metric only, and 4Gi overflows its 32 bits."""
    made = predictor(**scaled(*metrics))
    assert made["autoScaling"]["metrics"] == metrics
    assert "scaleTarget" not in made


def test_nothing_scales_on_a_metric_that_kserve_does_not_know():
    """KServe refuses an InferenceService that lists one."""
    made = predictor(**scaled({"type": "External", "external": {}}))
    assert "autoScaling" not in made
    assert "scaleMetric" not in made

"""ServiceMonitor: tells the Prometheus operator where the metrics are."""

import pytest

from hooks.nimservice import naming
from hooks.nimservice.children import service, servicemonitor
from tests.situations import nimservice as situation
from tests.situations import stored


def monitored(service_port=None, **monitor):
    expose = {"service": {"metricsPort": service_port}} if service_port else {}
    return situation.only(
        servicemonitor, metrics={"enabled": True, "serviceMonitor": monitor}, expose=expose
    )


@pytest.mark.parametrize(
    "metrics", [{}, {"enabled": False}, {"serviceMonitor": {"interval": "30s"}}]
)
def test_absent_unless_metrics_are_enabled(metrics):
    """Q18, I-26: what is not in the answer is gone; the reference never removes it."""
    assert not stored.built(servicemonitor, situation.context(metrics=metrics))


def test_it_scrapes_the_api_port():
    assert monitored()["spec"]["endpoints"] == [{"port": "api", "path": "/v1/metrics"}]


def test_it_scrapes_the_servers_own_metrics_where_they_have_a_port():
    endpoints = monitored(service_port=8002, interval="30s", scrapeTimeout="10s")["spec"][
        "endpoints"
    ]
    assert endpoints == [
        {"port": "api", "path": "/v1/metrics", "interval": "30s", "scrapeTimeout": "10s"},
        {"port": "metrics", "path": "/metrics", "interval": "30s", "scrapeTimeout": "10s"},
    ]


@pytest.mark.parametrize("labels", [{}, {"team": "nlp", "app": "x"}])
def test_it_selects_the_service_in_its_namespace_only(labels):
    monitor = situation.only(servicemonitor, metrics={"enabled": True}, labels=labels)
    target = situation.only(service, labels=labels)
    assert (
        monitor["spec"]["selector"]["matchLabels"].items() <= target["metadata"]["labels"].items()
    )
    assert monitor["spec"]["namespaceSelector"] == {"matchNames": ["nim"]}


def test_additional_labels_win_and_the_selector_does_not_follow_them():
    """Q42: in the reference such a label hides the object from the operator's own cache."""
    made = monitored(
        additionalLabels={"release": "prometheus", "app.kubernetes.io/managed-by": "me"}
    )
    assert made["metadata"]["labels"]["release"] == "prometheus"
    assert made["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "me"
    assert (
        made["spec"]["selector"]["matchLabels"]["app.kubernetes.io/managed-by"] == naming.MANAGED_BY
    )

"""Gap: what KServe cannot express is named, and nothing else is."""

import pytest

from tests.nimservice.children.endpointpicker.picked import expose as picking
from tests.situations.kserve import KNATIVE, findings, metric, scaled


def inexpressible(**spec):
    """Return the fields that the finding lists."""
    message = findings(**spec).get("KServeCannotExpress", "")
    return (
        message.partition(" cannot express ")[2].partition("; ")[0].split(", ") if message else []
    )


@pytest.mark.parametrize(
    ("fields", "spec"),
    [
        (["spec.expose.service.type"], {"expose": {"service": {"type": "LoadBalancer"}}}),
        (["spec.expose.service.name"], {"expose": {"service": {"name": "chat"}}}),
        (["spec.expose.service.labels"], {"expose": {"service": {"labels": {"a": "b"}}}}),
        (["spec.expose.service.annotations"], {"expose": {"service": {"annotations": {"a": "b"}}}}),
        (
            ["spec.expose.ingress.spec"],
            {"expose": {"ingress": {"enabled": True, "spec": {"rules": []}}}},
        ),
        (
            ["spec.expose.router.hostDomainName", "spec.expose.router.gateway"],
            {
                "expose": {
                    "router": {
                        "hostDomainName": "example.com",
                        "gateway": {"name": "gw", "namespace": "infra"},
                    }
                }
            },
        ),
        (
            ["spec.expose.router.ingress"],
            {"expose": {"router": {"ingress": {"ingressClass": "nginx"}}}},
        ),
        (["spec.expose.router.eppConfig"], {"expose": picking()}),
        (
            ["spec.scale.hpa.behavior"],
            scaled(behavior={"scaleDown": {"stabilizationWindowSeconds": 5}}),
        ),
        (
            ["spec.scale.hpa.metrics[1]"],
            scaled(metric(averageUtilization=80), {"type": "Pods", "pods": {}}),
        ),
        (["spec.scale.hpa.metrics[0]"], scaled(metric(averageValue="1"))),
        (
            ["spec.scale.annotations"],
            {"scale": {"enabled": True, "hpa": {"maxReplicas": 2}, "annotations": {"a": "b"}}},
        ),
        (["spec.replicas"], {**KNATIVE, "replicas": 2}),
        (["spec.groupID"], {**KNATIVE, "groupID": 5}),
        (["spec.metrics"], {**KNATIVE, "metrics": {"enabled": True}}),
        (
            ["spec.draResources"],
            {**KNATIVE, "draResources": [{"resourceClaimTemplateName": "gpu"}]},
        ),
        (["spec.expose.service.grpcPort"], {**KNATIVE, "expose": {"service": {"grpcPort": 9001}}}),
        (
            ["spec.expose.service.metricsPort"],
            {**KNATIVE, "expose": {"service": {"metricsPort": 9002}}},
        ),
    ],
)
def test_what_kserve_cannot_express_is_said(fields, spec):
    """I-9: the reference drops all of it in silence."""
    assert inexpressible(**spec) == fields


@pytest.mark.parametrize(
    "spec",
    [
        {
            "expose": {"service": {"type": "ClusterIP", "name": "llama", "grpcPort": 9001}},
            "replicas": 2,
            "metrics": {"enabled": True},
        },
        {**KNATIVE, "replicas": 1},
        {**KNATIVE, "replicas": 0},
        scaled(metric(averageUtilization=80), metric("memory", averageValue="4Gi")),
    ],
)
def test_what_it_can_express_is_not(spec):
    assert not findings(**spec)

"""Rows: fields about Service, routes, metrics and autoscaling."""

from tests.fields.row import Row, within

_BACKEND_OF_ALL = {"defaultBackend": {"service": {"name": "llama", "port": {"number": 8000}}}}
_INGRESS = {"expose": {"ingress": {"enabled": True, "spec": _BACKEND_OF_ALL}}}
_ROUTER_INGRESS = {"expose": {"router": {"ingress": {"ingressClass": "nginx"}}}}
_GATEWAY = {"namespace": "infra", "name": "gateway"}
_ROUTER_GATEWAY = {"expose": {"router": {"gateway": _GATEWAY}}}
_BACKEND = {
    "expose": {"router": {"gateway": {**_GATEWAY, "backendRef": {"name": "other", "port": 8000}}}}
}
_HPA = {"scale": {"enabled": True, "hpa": {"maxReplicas": 4}}}
_METRICS = {"metrics": {"enabled": True}}
_BY_MEMORY = {
    "type": "Resource",
    "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}},
}

ROWS: dict[str, Row] = {
    **within(
        "expose.service",
        {
            "type": Row("LoadBalancer"),
            "name": Row("llama-api"),
            "port": Row(9000),
            "grpcPort": Row(8001),
            "metricsPort": Row(8002),
            "labels{}": Row({"team": "search"}),
            "annotations{}": Row({"team.example.com/owner": "search"}),
        },
    ),
    **within(
        "expose.ingress",
        {
            "enabled": Row(
                True,
                False,
                {"expose": {"ingress": {"spec": _INGRESS["expose"]["ingress"]["spec"]}}},
            ),
            "spec": Row({**_BACKEND_OF_ALL, "ingressClassName": "nginx"}, beside=_INGRESS),
            "annotations{}": Row({"team.example.com/owner": "search"}, beside=_INGRESS),
        },
    ),
    **within(
        "expose.router",
        {
            "hostDomainName": Row("example.com", beside=_ROUTER_INGRESS),
            "annotations{}": Row({"team.example.com/owner": "search"}, beside=_ROUTER_INGRESS),
            "ingress.ingressClass": Row("traefik", beside=_ROUTER_INGRESS),
            "ingress.tlsSecretName": Row("tls", beside=_ROUTER_INGRESS),
            "gateway.name": Row("other", beside=_ROUTER_GATEWAY),
            "gateway.namespace": Row("other", beside=_ROUTER_GATEWAY),
            "gateway.httpRoutesEnabled": Row(False, beside=_ROUTER_GATEWAY),
            "gateway.grpcRoutesEnabled": Row(
                True,
                beside={"expose": {**_ROUTER_GATEWAY["expose"], "service": {"grpcPort": 8001}}},
            ),
            "gateway.backendRef.group": Row("inference.networking.k8s.io", beside=_BACKEND),
            "gateway.backendRef.kind": Row("ServiceImport", beside=_BACKEND),
            "gateway.backendRef.name": Row("another", beside=_BACKEND),
            "gateway.backendRef.namespace": Row("infra", beside=_BACKEND),
            "gateway.backendRef.port": Row(9000, beside=_BACKEND),
            "gateway.backendRef.weight": Row(2, beside=_BACKEND),
            "gateway.timeouts.request": Row("10m", beside=_ROUTER_GATEWAY),
            "gateway.timeouts.backendRequest": Row("10m", beside=_ROUTER_GATEWAY),
        },
    ),
    **within(
        "scale",
        {
            "enabled": Row(True, beside={"scale": {"hpa": {"maxReplicas": 4}}}),
            "annotations{}": Row({"team.example.com/owner": "search"}, beside=_HPA),
            "hpa.minReplicas": Row(2, beside=_HPA),
            "hpa.maxReplicas": Row(8, beside=_HPA),
            "hpa.metrics[]": Row(_BY_MEMORY, beside=_HPA),
            "hpa.behavior": Row({"scaleDown": {"stabilizationWindowSeconds": 600}}, beside=_HPA),
        },
    ),
    **within(
        "metrics",
        {
            "enabled": Row(True),
            "serviceMonitor.additionalLabels{}": Row({"release": "prometheus"}, beside=_METRICS),
            "serviceMonitor.annotations{}": Row(
                {"team.example.com/owner": "search"}, beside=_METRICS
            ),
            "serviceMonitor.interval": Row("30s", beside=_METRICS),
            "serviceMonitor.scrapeTimeout": Row("10s", beside=_METRICS),
        },
    ),
}

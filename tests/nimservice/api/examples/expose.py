"""Examples of Services, routes, scaling and platforms."""

GATEWAY = {"name": "gateway", "namespace": "infra"}

INGRESS = {"ingressClass": "nginx"}

KNATIVE = {
    "inferencePlatform": "kserve",
    "annotations": {"serving.kserve.io/deploymentMode": "Serverless"},
}

PICKER = {"name": "epp", "image": {"repository": "registry.k8s.io/epp", "tag": "v1.3.0"}}


def epp(**fields):
    return {
        "expose": {"router": {"gateway": GATEWAY, "eppConfig": {"containerSpec": PICKER} | fields}}
    }


def staleness(duration):
    detector = {"metricsStalenessThreshold": duration}
    return {"plugins": [], "schedulingProfiles": [], "saturationDetector": detector}


REFUSED = {
    "an Ingress beside a Gateway": (
        {"expose": {"router": {"ingress": INGRESS, "gateway": GATEWAY}}},
        "spec.expose.router",
        "remove one",
    ),
    "both kinds of Ingress": (
        {"expose": {"ingress": {"enabled": True}, "router": {"ingress": INGRESS}}},
        "spec.expose.ingress",
        "spec.expose.ingress must not be enabled beside",
    ),
    "gRPC routes without a gRPC port": (
        {"expose": {"router": {"gateway": GATEWAY | {"grpcRoutesEnabled": True}}}},
        "spec.expose.service.grpcPort",
        "is required where",
    ),
    "a route to a Service without port": (
        {"expose": {"router": {"gateway": GATEWAY | {"backendRef": {"name": "other"}}}}},
        "spec.expose.router.gateway.backendRef",
        "port is required",
    ),
    "a port out of range": (
        {"expose": {"service": {"port": 70000}}},
        "spec.expose.service.port",
        "must be 65535 or less",
    ),
    "an unknown type of Service": (
        {"expose": {"service": {"type": "Nodeport"}}},
        "spec.expose.service.type",
        "did you mean NodePort?",
    ),
    "autoscaling without limits": (
        {"scale": {"enabled": True}},
        "spec.scale.hpa",
        "is required where",
    ),
    "autoscaling beside replicas": (
        {"scale": {"enabled": True, "hpa": {"maxReplicas": 2}}, "replicas": 1},
        "spec.replicas",
        "spec.replicas must be absent where spec.scale.enabled is true",
    ),
    "fewer replicas at most than at least": (
        {"scale": {"enabled": True, "hpa": {"maxReplicas": 2, "minReplicas": 3}}},
        "spec.scale.hpa.maxReplicas",
        "must not be less",
    ),
    "several nodes on KServe": (
        {"multiNode": {"parallelism": {"pipeline": 2}}, "inferencePlatform": "kserve"},
        "spec.multiNode",
        "cannot be used where spec.inferencePlatform is kserve",
    ),
    "autoscaling on Knative": (
        KNATIVE | {"scale": {"enabled": True, "hpa": {"maxReplicas": 2}}},
        "spec.scale.enabled",
        "Knative mode, which scales by itself",
    ),
    "the deprecated Ingress on Knative": (
        KNATIVE | {"expose": {"ingress": {"enabled": True}}},
        "spec.expose.ingress.enabled",
        "Knative mode",
    ),
    "an Ingress on Knative": (
        KNATIVE | {"expose": {"router": {"ingress": INGRESS}}},
        "spec.expose.router.ingress",
        "Knative mode",
    ),
    "a Gateway on Knative": (
        KNATIVE | {"expose": {"router": {"gateway": GATEWAY}}},
        "spec.expose.router.gateway",
        "Knative mode",
    ),
    "metrics on Knative": (
        KNATIVE | {"metrics": {"enabled": True}},
        "spec.metrics.enabled",
        "Knative mode",
    ),
    "an endpoint picker without configuration": (
        epp(),
        "spec.expose.router.eppConfig",
        "has no configuration",
    ),
    "an endpoint picker with two configurations": (
        epp(config={"plugins": [], "schedulingProfiles": []}, configMapRef={"key": "config"}),
        "spec.expose.router.eppConfig",
        "remove one",
    ),
    "an endpoint picker's port out of range": (
        epp(ports=[{"containerPort": 0}], configMapRef={"key": "config"}),
        "spec.expose.router.eppConfig.ports",
        "between 1 and 65535",
    ),
    "a budget of two kinds": (
        {"podDisruptionBudget": {"minAvailable": 1, "maxUnavailable": 1}},
        "spec.podDisruptionBudget",
        "exactly one",
    ),
    "an unknown strategy": (
        {"strategy": {"type": "Rolling"}},
        "spec.strategy.type",
        "must be RollingUpdate or Recreate",
    ),
    "pods that are recreated one by one": (
        {"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
        "spec.strategy.rollingUpdate",
        "must be absent where type is Recreate",
    ),
    "a rollout that may neither add nor take away": (
        {"strategy": {"rollingUpdate": {"maxUnavailable": "0%"}}},
        "spec.strategy.rollingUpdate",
        "must be more than 0",
    ),
    "a timeout without unit": (
        {"expose": {"router": {"gateway": GATEWAY | {"timeouts": {"request": "600"}}}}},
        "spec.expose.router.gateway.timeouts.request",
        "must match",
    ),
    "an attempt that takes longer than its request": (
        {
            "expose": {
                "router": {
                    "gateway": GATEWAY | {"timeouts": {"request": "1m", "backendRequest": "2m"}}
                }
            }
        },
        "spec.expose.router.gateway.timeouts.backendRequest",
        "must not be longer",
    ),
    "a picker's duration without unit (R1)": (
        epp(config=staleness("200")),
        "spec.expose.router.eppConfig.config.saturationDetector.metricsStalenessThreshold",
        "must match",
    ),
    "a picker's duration in words (R1)": (
        epp(config=staleness("200 ms")),
        "spec.expose.router.eppConfig.config.saturationDetector.metricsStalenessThreshold",
        "must match",
    ),
    "a field that is somewhere else": (
        {"router": {}},
        "spec.router",
        "unknown field",
    ),
}
"""Specs that are refused, with the field that is blamed and some of what is said."""

ADMITTED = {
    "a router without a domain": {"expose": {"router": {"ingress": INGRESS}}},
    "metrics without a ServiceMonitor's settings": {"metrics": {"enabled": True}},
    "autoscaling with the default minimum": {"scale": {"enabled": True, "hpa": {"maxReplicas": 1}}},
    "KServe in its standard mode with routes": {
        "inferencePlatform": "kserve",
        "annotations": {"serving.kserve.io/deploymentMode": "Standard"},
        "expose": {"router": {"gateway": GATEWAY}},
        "metrics": {"enabled": True},
    },
    "a rollout that adds pods": {
        "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    },
    "timeouts of a route": {
        "expose": {
            "router": {
                "gateway": GATEWAY | {"timeouts": {"request": "0s", "backendRequest": "10m"}}
            }
        }
    },
    "a picker's duration": epp(config=staleness("200ms")),
    "a picker's duration of several units": epp(config=staleness("1m1.5s")),
    "plugins' parameters as an object": epp(
        config={
            "plugins": [{"type": "scorer", "parameters": {"weight": 2}}],
            "schedulingProfiles": [],
            "more": {"is": "kept"},
        }
    ),
}
"""Specs that are admitted."""

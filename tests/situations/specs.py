"""Specs: hypothesis strategies for what users may write, a little of every field of the standalone
platform."""

from typing import Any

from hypothesis import strategies as st

WORDS = st.sampled_from(["a", "gpu", "nlp", "zone-1", "true", "1", "yes", "null"])
KEYS = st.sampled_from(["app", "team", "example.com/x", "app.kubernetes.io/name", "a.b_c"])
TEXTS = st.dictionaries(KEYS, WORDS, max_size=3)
PORTS = st.integers(1, 65535)
AMOUNTS = st.sampled_from(
    ["1", "0.5", "1000m", "500m", "1024Mi", "1.5Gi", "0.05Gi", "1e3", "100k", 1, 1000]
)
ENV_NAMES = st.sampled_from(
    [
        "A",
        "B",
        "NIM_SERVER_PORT",
        "NGC_API_KEY",
        "HF_TOKEN",
        "NIM_CACHE_PATH",
        "NIM_MODEL_NAME",
        "NO_PROXY",
    ]
)
VALUES = st.sampled_from(["", "1", "8080", "hf://meta/llama", "$(A)/x", "$(NIM_SERVER_PORT)"])

Strategy = st.SearchStrategy[Any]


def some(**fields: Strategy) -> Strategy:
    """Return objects that have any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def variables() -> Strategy:
    """Return environment variables."""
    field = st.sampled_from(
        [
            {"fieldRef": {"fieldPath": "metadata.name"}},
            {"secretKeyRef": {"name": "s", "key": "k"}},
            {"configMapKeyRef": {"name": "c", "key": "k", "optional": True}},
            {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1024Ki"}},
        ]
    )
    literal = st.builds(lambda name, value: {"name": name, "value": value}, ENV_NAMES, VALUES)
    return literal | st.builds(
        lambda name, source: {"name": name, "valueFrom": source}, ENV_NAMES, field
    )


def containers(prefix: str) -> Strategy:
    """Return up to two containers with names of their own."""
    one = st.fixed_dictionaries(
        {"image": st.just({"repository": "busybox", "tag": "latest", "pullSecrets": ["other"]})},
        optional={
            "command": st.just(["sh"]),
            "args": st.just(["-c", "true"]),
            "workingDir": st.sampled_from(["", "/x"]),
            "env": envs(),
        },
    )
    return st.lists(one, max_size=2).map(
        lambda made: [{"name": f"{prefix}-{index}", **each} for index, each in enumerate(made)]
    )


def envs() -> Strategy:
    """Return lists of variables, names twice included."""
    return st.lists(variables(), max_size=4)


def probes() -> Strategy:
    """Return probes, on, off and of the user's own."""
    http = {
        "httpGet": {"path": "/x", "port": "api"},
        "initialDelaySeconds": 0,
        "failureThreshold": 5,
    }
    return some(
        enabled=st.booleans(),
        probe=st.sampled_from([http, {"grpc": {"port": 9000}}, {"exec": {"command": ["true"]}}]),
    )


def storages() -> Strategy:
    """Return one of the forms of storage."""
    extra = {"readOnly": st.booleans(), "sharedMemorySizeLimit": AMOUNTS}
    created = st.fixed_dictionaries(
        {"create": st.just(True), "size": st.sampled_from(["50Gi", "1024Mi"])},
        optional={
            "name": st.just("mine"),
            "storageClass": st.sampled_from(["", "fast"]),
            "annotations": TEXTS,
        },
    )
    existing = st.fixed_dictionaries(
        {"name": st.just("models")}, optional={"subPath": st.sampled_from(["", "llama"])}
    )
    cache = st.fixed_dictionaries(
        {"name": st.just("cache")}, optional={"profile": st.sampled_from(["", "fp8", "int4"])}
    )
    return st.one_of(
        st.fixed_dictionaries({"pvc": created}, optional=extra),
        st.fixed_dictionaries({"pvc": existing}, optional=extra),
        st.fixed_dictionaries({"nimCache": cache}, optional=extra),
        st.fixed_dictionaries({"emptyDir": some(sizeLimit=AMOUNTS)}, optional=extra),
        st.fixed_dictionaries({"hostPath": st.just("/models")}, optional=extra),
    )


def exposes() -> Strategy:
    """Return Services, Ingresses and routes."""
    service = some(
        type=st.sampled_from(["", "ClusterIP", "NodePort", "LoadBalancer"]),
        name=st.sampled_from(["", "chat"]),
        port=PORTS,
        grpcPort=PORTS,
        metricsPort=PORTS,
        annotations=TEXTS,
        labels=TEXTS,
    )
    backend = st.sampled_from(
        [
            {"name": "other", "port": 80},
            {"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": "p"},
        ]
    )
    gateway = st.fixed_dictionaries(
        {"namespace": st.just("gw"), "name": st.just("gw")},
        optional={
            "httpRoutesEnabled": st.booleans(),
            "grpcRoutesEnabled": st.booleans(),
            "backendRef": backend,
        },
    )
    entry = st.fixed_dictionaries(
        {"ingressClass": st.just("nginx")}, optional={"tlsSecretName": st.sampled_from(["", "tls"])}
    )
    domain = st.sampled_from([{}, {"hostDomainName": "example.com"}])
    router = st.builds(
        lambda one, host, texts: {**one, **host, "annotations": texts},
        some(gateway=gateway) | some(ingress=entry),
        domain,
        TEXTS,
    )
    return some(service=service, router=router)


def scales() -> Strategy:
    """Return autoscaling, with replicas where there is none."""
    target = st.sampled_from(
        [{"type": "AverageValue", "averageValue": "1000m"}, {"type": "Value", "value": 1000}]
    )
    metric = st.builds(
        lambda to: {"type": "Pods", "pods": {"metric": {"name": "queue"}, "target": to}}, target
    )
    hpa = st.fixed_dictionaries(
        {"maxReplicas": st.integers(2, 9)},
        optional={"minReplicas": st.integers(1, 2), "metrics": st.lists(metric, max_size=2)},
    )
    on = st.builds(
        lambda how, texts: {"scale": {"enabled": True, "hpa": how, "annotations": texts}},
        hpa,
        TEXTS,
    )
    return on | some(replicas=st.integers(0, 3), scale=st.just({"enabled": False}))


def specs() -> Strategy:
    """Return specs of a NIMService without its image and secret."""
    general = some(
        command=st.just(["serve"]),
        args=st.lists(WORDS, max_size=2),
        env=envs(),
        authSecret=st.sampled_from(["", "ngc-api-secret"]),
        labels=TEXTS,
        annotations=TEXTS,
        nodeSelector=TEXTS,
        tolerations=st.lists(
            st.sampled_from(
                [{"operator": "Exists"}, {"key": "gpu", "effect": "", "tolerationSeconds": 0}]
            ),
            max_size=2,
        ),
        affinity=st.sampled_from(
            [{}, {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}]
        ),
        podAffinity=st.just(
            {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]}
        ),
        resources=some(
            limits=st.dictionaries(st.sampled_from(["cpu", "memory", "nvidia.com/gpu"]), AMOUNTS),
            requests=st.just({"cpu": "0.5"}),
        ),
        expose=exposes(),
        livenessProbe=probes(),
        readinessProbe=probes(),
        startupProbe=probes(),
        schedulerName=st.sampled_from(["", "volcano"]),
        runtimeClassName=st.just("nvidia"),
        priorityClassName=st.just("high"),
        metrics=some(
            enabled=st.booleans(),
            serviceMonitor=some(additionalLabels=TEXTS, interval=st.just("30s"), annotations=TEXTS),
        ),
        userID=st.sampled_from([0, 1000]),
        groupID=st.sampled_from([0, 2000]),
        proxy=some(
            httpProxy=st.sampled_from(["", "http://p"]),
            noProxy=st.just(".corp"),
            certConfigMap=st.sampled_from(["", "ca"]),
        ),
        initContainers=containers("init"),
        sidecarContainers=containers("side"),
    )
    return st.builds(
        lambda storage, scale, rest: {"storage": storage, **scale, **rest},
        storages(),
        scales(),
        general,
    )

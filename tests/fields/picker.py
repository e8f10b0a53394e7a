"""Rows: fields about the endpoint picker."""

from tests.fields.row import Row, within

_CONTAINER = {
    "name": "epp",
    "image": {"repository": "registry.k8s.io/gateway-api-inference-extension/epp", "tag": "v1.3.0"},
}
_PLUGINS = {
    "plugins": [{"type": "queue-scorer"}],
    "schedulingProfiles": [{"name": "default", "plugins": [{"pluginRef": "queue-scorer"}]}],
}
_PROBE = {"grpc": {"port": 9003, "service": "other"}}


def _beside(**fields):
    return {"expose": {"router": {"eppConfig": {"containerSpec": _CONTAINER, **fields}}}}


_CONFIG = _beside(config=_PLUGINS)
_REFERENCE = _beside(configMapRef={"name": "picker", "key": "plugins.yaml"})
_DATA = _beside(
    config={
        **_PLUGINS,
        "data": {"sources": [{"pluginRef": "metrics", "extractors": [{"pluginRef": "core"}]}]},
    }
)

ROWS: dict[str, Row] = within(
    "expose.router.eppConfig",
    {
        **within(
            "containerSpec",
            {
                "name": Row("picker", beside=_CONFIG),
                "image.repository": Row("registry.example.com/epp", beside=_CONFIG),
                "image.tag": Row("v1.3.1", beside=_CONFIG),
                "image.pullPolicy": Row("Always", beside=_CONFIG),
                "image.pullSecrets[]": Row("registry-secret", beside=_CONFIG),
                "command[]": Row("/epp", beside=_CONFIG),
                "args[]": Row("--v=4", beside=_CONFIG),
                "env[]": Row({"name": "MODE", "value": "fast"}, beside=_CONFIG),
                "workingDir": Row("/tmp", beside=_CONFIG),
            },
        ),
        "ports[]": Row({"name": "grpc-ext-proc", "containerPort": 9102}, beside=_CONFIG),
        "livenessProbe": Row(_PROBE, beside=_CONFIG),
        "readinessProbe": Row(_PROBE, beside=_CONFIG),
        "startupProbe": Row(_PROBE, beside=_CONFIG),
        "terminationGracePeriodSeconds": Row(120, beside=_CONFIG),
        "configMapRef.name": Row("other", beside=_REFERENCE),
        "configMapRef.key": Row("other.yaml", beside=_REFERENCE),
        "configMapRef.optional": Row(True, beside=_REFERENCE),
        **within(
            "config",
            {
                "apiVersion": Row("inference.networking.x-k8s.io/v1", beside=_CONFIG),
                "kind": Row("OtherConfig", beside=_CONFIG),
                "featureGates[]": Row("dataLayer", beside=_CONFIG),
                "plugins[].name": Row("queue", beside=_CONFIG),
                "plugins[].type": Row("kv-cache-scorer", beside=_CONFIG),
                "plugins[].parameters": Row({"threshold": 5}, beside=_CONFIG),
                "schedulingProfiles[].name": Row("other", beside=_CONFIG),
                "schedulingProfiles[].plugins[].pluginRef": Row("other", beside=_CONFIG),
                "schedulingProfiles[].plugins[].weight": Row(2, beside=_CONFIG),
                "saturationDetector.queueDepthThreshold": Row(10, beside=_CONFIG),
                "saturationDetector.kvCacheUtilThreshold": Row(0.5, beside=_CONFIG),
                "saturationDetector.metricsStalenessThreshold": Row("200ms", beside=_CONFIG),
                "data.sources[].pluginRef": Row("other", beside=_DATA),
                "data.sources[].extractors[].pluginRef": Row("other", beside=_DATA),
            },
        ),
    },
)

"""Rows: fields about the pods: images, commands, places, resources, probes and containers beside
the model server."""

from tests.fields.row import RAY, Row, Silent, within

_IMAGE = {"repository": "nvcr.io/nim/nvidia/adapter", "tag": "1.0.0"}
_BESIDE = {"name": "adapter", "image": _IMAGE}
_PROBE = {"httpGet": {"path": "/up", "port": "api"}}


_PROBES = ("liveness", "readiness", "startup")


def containers(field: str) -> dict[str, Row]:
    """Return the rows of a list of containers."""
    beside = {field: [_BESIDE]}
    rows = {
        "name": Row("loader", "adapter", beside),
        "command": Row("/bin/load", beside=beside),
        "args": Row("--fast", beside=beside),
        "env": Row({"name": "MODE", "value": "fast"}, beside=beside),
        "workingDir": Row("/scratch", beside=beside),
        "image.repository": Row("nvcr.io/nim/nvidia/loader", beside=beside),
        "image.tag": Row("1.0.1", beside=beside),
        "image.pullPolicy": Row("Always", beside=beside),
        "image.pullSecrets": Row("loader-secret", beside=beside),
    }
    lists = ("command", "args", "env", "image.pullSecrets")
    return within(
        f"{field}[]", {f"{path}[]" if path in lists else path: row for path, row in rows.items()}
    )


def _extra(field: str) -> dict[str, Row]:
    """Return the rows of the extensions of a list of containers."""
    beside = {field: [_BESIDE]}
    native = {field: [{**_BESIDE, **({"restartPolicy": "Always"} if "init" in field else {})}]}
    rows = {
        "resources": Row({"limits": {"memory": "1Gi"}}, beside=beside),
        "volumeMounts[]": Row(
            {"name": "logs", "mountPath": "/logs"},
            beside={**beside, "volumes": [{"name": "logs", "emptyDir": {}}]},
        ),
        "ports[]": Row({"containerPort": 9100, "protocol": "TCP"}, beside=beside),
        "securityContext": Row({"capabilities": {"add": ["IPC_LOCK"]}}, beside=beside),
        "restartPolicy": Row("Always", beside=beside),
    }
    probes = {f"{name}Probe": Row(_PROBE, beside=native) for name in _PROBES}
    return within(f"{field}[]", {**rows, **probes})


def _probes() -> dict[str, Row]:
    rows = {}
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        rows |= {f"{name}.enabled": Row(False), f"{name}.probe": Row(_PROBE)}
    return rows


ROWS: dict[str, Row] = {
    "image.repository": Row("nvcr.io/nim/meta/llama-3.3-70b-instruct"),
    "image.tag": Row("1.13.0"),
    "image.pullPolicy": Row("Always"),
    "image.pullSecrets[]": Row("other-secret"),
    "command[]": Row("/opt/nim/start"),
    "args[]": Row(
        "--verbose", silent={RAY: Silent("Ray starts the model server by arguments of its own")}
    ),
    "env[]": Row({"name": "NIM_LOG_LEVEL", "value": "DEBUG"}),
    "authSecret": Row("other-secret"),
    "labels{}": Row({"team": "search"}),
    "annotations{}": Row({"team.example.com/owner": "search"}),
    "nodeSelector{}": Row({"nvidia.com/gpu.present": "true"}),
    "tolerations[]": Row({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}),
    "affinity": Row({"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}),
    "podAffinity": Row({"preferredDuringSchedulingIgnoredDuringExecution": []}),
    "resources": Row({"limits": {"nvidia.com/gpu": 2}}),
    "schedulerName": Row("volcano"),
    "priorityClassName": Row("high"),
    "runtimeClassName": Row("nvidia"),
    "userID": Row(1001),
    "groupID": Row(2001),
    "proxy.httpProxy": Row("http://proxy.example.com:3128"),
    "proxy.httpsProxy": Row("http://proxy.example.com:3128"),
    "proxy.noProxy": Row("example.com"),
    "proxy.certConfigMap": Row("certificates"),
    "inferencePlatform": Row("kserve", "standalone"),
    "replicas": Row(3, 1),
    "terminationGracePeriodSeconds": Row(600),
    "lifecycle": Row({"preStop": {"sleep": {"seconds": 30}}}),
    "topologySpreadConstraints[]": Row(
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
        }
    ),
    "securityContext": Row({"capabilities": {"add": ["IPC_LOCK"]}}),
    "podSecurityContext": Row({"supplementalGroups": [44]}),
    "volumes[]": Row({"name": "adapters", "persistentVolumeClaim": {"claimName": "adapters"}}),
    "volumeMounts[]": Row(
        {"name": "adapters", "mountPath": "/adapters"},
        beside={"volumes": [{"name": "adapters", "emptyDir": {}}]},
    ),
    "podDisruptionBudget.minAvailable": Row(1),
    "podDisruptionBudget.maxUnavailable": Row("25%"),
    "strategy": Row({"type": "Recreate"}),
    **_probes(),
    **containers("initContainers"),
    **_extra("initContainers"),
    **containers("sidecarContainers"),
    **_extra("sidecarContainers"),
}

"""Pod spec: the API server's defaults for a pod or a template, and how the fields merge."""

from dataclasses import replace

from hooks.cluster.api import Object
from nimservice_simulator.apiserver.shape import METADATA, WHOLE, Shape, keyed, part, struct

_DEVICES = struct(claims=keyed("name"))
_SOURCE = struct(
    configMapKeyRef=WHOLE,
    secretKeyRef=WHOLE,
    fieldRef=WHOLE,
    fileKeyRef=WHOLE,
    resourceFieldRef=WHOLE,
)
_CONTAINER = struct(
    env=keyed("name", valueFrom=_SOURCE),
    ports=keyed("containerPort", "protocol", defaults={"protocol": "TCP"}),
    volumeMounts=keyed("mountPath"),
    volumeDevices=keyed("devicePath"),
    resources=_DEVICES,
)
_CONTAINERS = Shape(keys=("name",), items=_CONTAINER)
_REQUIRED_NODES = struct(requiredDuringSchedulingIgnoredDuringExecution=WHOLE)
SHAPE = part(
    containers=replace(_CONTAINERS, always=True),
    initContainers=_CONTAINERS,
    ephemeralContainers=_CONTAINERS,
    volumes=keyed(
        "name",
        csi=struct(nodePublishSecretRef=WHOLE),
        ephemeral=struct(
            volumeClaimTemplate=struct(
                metadata=METADATA, spec=struct(selector=WHOLE, dataSource=WHOLE)
            )
        ),
    ),
    imagePullSecrets=Shape(keys=("name",), items=WHOLE),
    hostAliases=keyed("ip"),
    nodeSelector=WHOLE,
    topologySpreadConstraints=keyed("topologyKey", "whenUnsatisfiable", labelSelector=WHOLE),
    schedulingGates=keyed("name"),
    resourceClaims=keyed("name"),
    resources=_DEVICES,
    affinity=struct(nodeAffinity=_REQUIRED_NODES),
)
TEMPLATE = part(metadata=METADATA, spec=SHAPE)

CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


def default(spec: Object) -> None:
    """Fill in what the API server fills in."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for name in CONTAINER_LISTS:
        for container in spec.get(name) or []:
            _default_container(container)
    for volume in spec.get("volumes") or []:
        _default_volume(volume)


def _default_container(container: Object) -> None:
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("imagePullPolicy", _pull_policy(container.get("image") or ""))
    container.setdefault("resources", {})
    for port in container.get("ports") or []:
        port.setdefault("protocol", "TCP")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if name in container:
            _default_probe(container[name])
    for event in ("postStart", "preStop"):
        _default_http(container.get("lifecycle", {}).get(event, {}))
    for variable in container.get("env") or []:
        source = variable.get("valueFrom") or {}
        if "fieldRef" in source:
            source["fieldRef"].setdefault("apiVersion", "v1")
        if "resourceFieldRef" in source:
            source["resourceFieldRef"].setdefault("divisor", "0")


def _pull_policy(image: str) -> str:
    """Return Always for a tag that moves: ``latest``, said or meant."""
    if "@" in image:
        return "IfNotPresent"
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return "IfNotPresent" if colon and tag != "latest" else "Always"


def _default_probe(probe: Object) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    _default_http(probe)
    if "grpc" in probe:
        probe["grpc"].setdefault("service", "")


def _default_http(action: Object) -> None:
    if "httpGet" in action:
        action["httpGet"].setdefault("scheme", "HTTP")
        action["httpGet"].setdefault("path", "/")


def _default_volume(volume: Object) -> None:
    if len(volume) == 1:
        volume["emptyDir"] = {}
    for source in ("configMap", "secret", "downwardAPI", "projected"):
        if source in volume:
            volume[source].setdefault("defaultMode", 420)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    for item in volume.get("downwardAPI", {}).get("items") or []:
        _default_field(item)
    for each in volume.get("projected", {}).get("sources") or []:
        if "serviceAccountToken" in each:
            each["serviceAccountToken"].setdefault("expirationSeconds", 3600)
        for item in each.get("downwardAPI", {}).get("items") or []:
            _default_field(item)
    if "ephemeral" in volume:
        volume["ephemeral"].get("volumeClaimTemplate", {}).get("spec", {}).setdefault(
            "volumeMode", "Filesystem"
        )


def _default_field(item: Object) -> None:
    if "fieldRef" in item:
        item["fieldRef"].setdefault("apiVersion", "v1")

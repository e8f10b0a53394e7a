"""Custom resource: a kind from its CustomResourceDefinition, or without one from a short table."""

from collections.abc import Iterator
from functools import lru_cache

import orjson

from hooks.cluster.api import Object
from hooks.kernel.values import canonical
from nimservice_simulator.apiserver import schema, schemacheck
from nimservice_simulator.apiserver.definition import Definition
from nimservice_simulator.apiserver.shape import ANY, CONDITIONS, WHOLE, from_schema, keyed, struct

_GATEWAY = "gateway.networking.k8s.io"


def from_crd(crd: Object) -> Definition:
    """Return the kind that a CustomResourceDefinition defines.

    All its versions share the schema of the stored one.
    """
    return _from_text(canonical(crd["spec"]))


@lru_cache(maxsize=64)  # reading a large schema takes longer than a whole simulation
def _from_text(text: bytes) -> Definition:
    spec = orjson.loads(text)
    served = [version for version in spec["versions"] if version.get("served", True)]
    stored = next((version for version in served if version.get("storage")), served[0])
    names = [stored, *(version for version in served if version is not stored)]
    root: Object = stored.get("schema", {}).get("openAPIV3Schema") or {
        "x-kubernetes-preserve-unknown-fields": True
    }
    body = {
        **root,
        "properties": {
            name: value
            for name, value in root.get("properties", {}).items()
            if name not in ("apiVersion", "kind", "metadata")
        },
    }

    def problems(obj: Object, _: Object | None) -> Iterator[str]:
        for name in root.get("required", ()):
            if name not in obj:
                yield f"{name}: Required value"
        for name, inner in body["properties"].items():
            if name in obj:
                yield from schemacheck.problems(obj[name], inner, name)

    return Definition(
        versions=tuple(f"{spec['group']}/{version['name']}" for version in names),
        kind=spec["names"]["kind"],
        plural=spec["names"]["plural"],
        namespaced=spec.get("scope", "Namespaced") == "Namespaced",
        status="status" in (stored.get("subresources") or {}),
        typed=False,
        shape=from_schema(body),
        prune=lambda obj: schema.pruned(obj, body),
        default=lambda obj: schema.default(obj, body),
        problems=problems,
        undeclared=lambda obj: schema.undeclared(obj, body),
    )


def _route(obj: Object) -> None:
    """Fill in what the Gateway API's schemas fill in: replaced lists show these at every sync."""
    spec = obj.setdefault("spec", {})
    for parent in spec.get("parentRefs") or []:
        parent.setdefault("group", _GATEWAY)
        parent.setdefault("kind", "Gateway")
    if obj["kind"] == "HTTPRoute":
        spec.setdefault("rules", [{}])
    for rule in spec.get("rules") or []:
        for backend in rule.get("backendRefs") or []:
            for name, value in {"group": "", "kind": "Service", "weight": 1}.items():
                backend.setdefault(name, value)
        if obj["kind"] == "HTTPRoute":
            rule.setdefault("matches", [{}])
        for match in rule.get("matches") or []:
            _match(match, obj["kind"])


def _match(match: Object, kind: str) -> None:
    if kind == "HTTPRoute":
        path = match.setdefault("path", {})
        path.setdefault("type", "PathPrefix")
        path.setdefault("value", "/")
    elif "method" in match:
        match["method"].setdefault("type", "Exact")
    for condition in [*(match.get("headers") or []), *(match.get("queryParams") or [])]:
        condition.setdefault("type", "Exact")


def _group_of_pods(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    spec.setdefault("startupPolicy", "LeaderCreated")
    rollout = spec.get("rolloutStrategy")
    if rollout is not None:
        rollout.setdefault("type", "RollingUpdate")
        for name, value in {"maxSurge": 0, "maxUnavailable": 1, "partition": 0}.items():
            rollout.get("rollingUpdateConfiguration", {}).setdefault(name, value)


def _group_of_pods_problems(obj: Object, _: Object | None) -> Iterator[str]:
    network = obj["spec"].get("networkConfig")
    if network is not None and not network.get("subdomainPolicy"):
        yield "spec.networkConfig.subdomainPolicy: Required value"


def _pool(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("appProtocol", "http")
    if "endpointPickerRef" in spec:
        for name, value in {"failureMode": "FailClose", "group": "", "kind": "Service"}.items():
            spec["endpointPickerRef"].setdefault(name, value)


def _compute_domain(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("numNodes", 0)
    if "channel" in spec:
        spec["channel"].setdefault("allocationMode", "Single")


_STATUS = struct(status=struct(conditions=CONDITIONS))
_MONITOR = struct(spec=struct(selector=WHOLE))
_LISTENERS = struct(spec=struct(listeners=keyed("name")), status=struct(conditions=CONDITIONS))

DEFINITIONS = (
    Definition((f"{_GATEWAY}/v1",), "HTTPRoute", "httproutes", typed=False, default=_route),
    Definition((f"{_GATEWAY}/v1",), "GRPCRoute", "grpcroutes", typed=False, default=_route),
    Definition((f"{_GATEWAY}/v1",), "Gateway", "gateways", typed=False, shape=_LISTENERS),
    Definition(("monitoring.coreos.com/v1",), "ServiceMonitor", "servicemonitors", typed=False, shape=_MONITOR),
    Definition(
        ("leaderworkerset.x-k8s.io/v1",), "LeaderWorkerSet", "leaderworkersets", typed=False, default=_group_of_pods,
        problems=_group_of_pods_problems, shape=_STATUS,
    ),
    Definition(("serving.kserve.io/v1beta1",), "InferenceService", "inferenceservices", typed=False, shape=ANY),
    Definition(("inference.networking.k8s.io/v1",), "InferencePool", "inferencepools", typed=False, default=_pool),
    Definition(
        ("resource.nvidia.com/v1beta1",), "ComputeDomain", "computedomains", typed=False, default=_compute_domain,
        shape=struct(status=struct(nodes=keyed("name"))), immutable=("spec",),
    ),
    Definition(("apps.nvidia.com/v1alpha1",), "NIMService", "nimservices", typed=False, shape=_STATUS),
    Definition(("apps.nvidia.com/v1alpha1",), "NIMCache", "nimcaches", typed=False, shape=_STATUS),
)  # fmt: skip
"""Kinds of others that are served even without their CustomResourceDefinitions.

Nothing is pruned or checked by schema then.
"""

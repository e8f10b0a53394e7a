"""Catalogue: Kubernetes' own kinds, with the rules of each that hooks can meet."""

import base64
from collections.abc import Callable, Iterator

from hooks.cluster.api import Object
from nimservice_simulator.apiserver import job, podcheck, podspec, service
from nimservice_simulator.apiserver.definition import Definition
from nimservice_simulator.apiserver.shape import (
    CONDITIONS,
    METADATA,
    WHOLE,
    Shape,
    keyed,
    part,
    struct,
)

_RBAC = "rbac.authorization.k8s.io"
_TEMPLATE = struct(template=podspec.TEMPLATE, selector=WHOLE, strategy=part())


def _pod(obj: Object) -> None:
    podspec.default(obj.setdefault("spec", {}))
    obj["spec"].setdefault("enableServiceLinks", True)
    for container in obj["spec"].get("containers") or []:
        limits = container["resources"].get("limits") or {}
        if limits:
            container["resources"]["requests"] = {
                **limits,
                **(container["resources"].get("requests") or {}),
            }


def _pending(obj: Object) -> None:
    obj["status"] = {"phase": "Pending"}


def _deployment(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    strategy = spec.setdefault("strategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    _template(obj)


def _zero(**counts: int) -> Callable[[Object], None]:
    """Return what gives a new object its first status."""

    def create(obj: Object) -> None:
        obj["status"] = dict(counts)

    return create


def _template(obj: Object) -> None:
    template = obj.setdefault("spec", {}).setdefault("template", {})
    template.setdefault("metadata", {})
    podspec.default(template.setdefault("spec", {}))


def _replicated(obj: Object) -> None:
    obj.setdefault("spec", {}).setdefault("replicas", 1)
    _template(obj)


def _pod_problems(obj: Object, _: Object | None) -> Iterator[str]:
    yield from podcheck.problems(obj["spec"], "spec")


def _template_problems(obj: Object, _: Object | None) -> Iterator[str]:
    spec = obj["spec"]
    yield from podcheck.problems(spec["template"]["spec"], "spec.template.spec")
    labels = spec["template"]["metadata"].get("labels") or {}
    wanted = spec.get("selector", {}).get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        yield "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`"
    strategy = spec.get("strategy", {})
    if strategy.get("type") == "Recreate" and strategy.get("rollingUpdate"):
        yield "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"


def _autoscaler(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    if obj["apiVersion"] == "autoscaling/v2":
        cpu = {
            "type": "Resource",
            "resource": {
                "name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": 80},
            },
        }
        spec.setdefault("metrics", [cpu])
        status = obj.setdefault("status", {})
        status.setdefault("desiredReplicas", 0)
        status.setdefault("currentMetrics", None)
    if "behavior" in spec:
        percent = {"type": "Percent", "value": 100, "periodSeconds": 15}
        up = spec["behavior"].setdefault("scaleUp", {})
        up.setdefault("stabilizationWindowSeconds", 0)
        up.setdefault("policies", [{"type": "Pods", "value": 4, "periodSeconds": 15}, percent])
        down = spec["behavior"].setdefault("scaleDown", {})
        down.setdefault("policies", [percent])
        for rules in (up, down):
            rules.setdefault("selectPolicy", "Max")


def _claim(obj: Object) -> None:
    obj.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


def _new_claim(obj: Object) -> None:
    _pending(obj)
    obj["spec"].setdefault(
        "storageClassName", "standard"
    )  # the cluster's default class, which admission fills in
    obj["metadata"].setdefault("finalizers", []).append("kubernetes.io/pvc-protection")


def _claim_problems(obj: Object, old: Object | None) -> Iterator[str]:
    spec = obj["spec"]
    if not spec.get("accessModes"):
        yield "spec.accessModes: Required value: at least 1 access mode is required"
    if not spec.get("resources", {}).get("requests", {}).get("storage"):
        yield "spec.resources[storage]: Required value"
    if old and _fixed(spec, old) != _fixed(old["spec"], old):
        yield "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"


def _fixed(spec: Object, old: Object) -> Object:
    """Return the part of a claim's spec that may not change.

    Until it is bound, that is all of it but what binding sets.
    """
    free = {"volumeName"} | (
        {"resources", "volumeAttributesClassName"}
        if old["status"].get("phase") == "Bound"
        else set()
    )
    return {name: value for name, value in spec.items() if name not in free}


def _secret(obj: Object) -> None:
    obj.setdefault("type", "Opaque")
    plain = obj.pop("stringData", None)
    if plain:
        obj["data"] = {
            **obj.get("data", {}),
            **{key: base64.b64encode(value.encode()).decode() for key, value in plain.items()},
        }


def _role_binding(obj: Object) -> None:
    obj.get("roleRef", {}).setdefault("apiGroup", _RBAC)
    for subject in obj.get("subjects") or []:
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", _RBAC)


def _ingress(obj: Object) -> None:
    obj.setdefault("status", {}).setdefault("loadBalancer", {})


def _namespace(obj: Object) -> None:
    obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = obj["metadata"][
        "name"
    ]
    obj["spec"] = {"finalizers": ["kubernetes"]}
    obj["status"] = {"phase": "Active"}


def _device_claim(obj: Object) -> None:
    spec = obj.get("spec", {})
    for request in (spec.get("spec", spec).get("devices") or {}).get("requests") or []:
        exactly = request.get("exactly")
        if (
            exactly is not None
            and exactly.setdefault("allocationMode", "ExactCount") == "ExactCount"
        ):
            exactly.setdefault("count", 1)


def _plain(version: str, kind: str, plural: str, **rest: object) -> Definition:
    return Definition((version,), kind, plural, generation=False, status=False, **rest)  # type: ignore[arg-type]


DEFINITIONS = (
    _plain("v1", "Namespace", "namespaces", namespaced=False, create=_namespace),
    _plain("v1", "Node", "nodes", namespaced=False),
    _plain("v1", "ConfigMap", "configmaps"),
    _plain("v1", "Secret", "secrets", default=_secret, immutable=("type",)),
    _plain("v1", "ServiceAccount", "serviceaccounts", shape=struct(secrets=Shape(keys=("name",), items=WHOLE))),
    Definition(
        ("v1",), "Service", "services", generation=False, shape=service.SHAPE, default=service.default, problems=service.problems, allocate=service.allocate
    ),
    Definition(
        ("v1",), "PersistentVolumeClaim", "persistentvolumeclaims", generation=False, default=_claim, create=_new_claim,
        problems=_claim_problems, shape=struct(status=struct(conditions=CONDITIONS), spec=struct(selector=WHOLE, dataSource=WHOLE, resources=part())),
    ),
    Definition(
        ("v1",), "Pod", "pods", graceful=True, default=_pod, create=_pending, problems=_pod_problems,
        shape=struct(spec=podspec.SHAPE, status=struct(conditions=CONDITIONS, podIPs=keyed("ip"))),
    ),
    Definition(
        ("apps/v1",), "Deployment", "deployments", default=_deployment, create=_zero(), problems=_template_problems, immutable=("spec.selector",),
        shape=struct(spec=_TEMPLATE, status=struct(conditions=CONDITIONS)),
    ),
    Definition(
        ("apps/v1",), "ReplicaSet", "replicasets", default=_replicated, create=_zero(replicas=0), problems=_template_problems, immutable=("spec.selector",),
        shape=struct(spec=_TEMPLATE, status=struct(conditions=CONDITIONS)),
    ),
    Definition(
        ("batch/v1",), "Job", "jobs", default=job.default, create=job.create, problems=job.problems, immutable=job.IMMUTABLE, shape=job.SHAPE,
    ),
    Definition(
        ("policy/v1",), "PodDisruptionBudget", "poddisruptionbudgets",
        shape=struct(spec=struct(selector=WHOLE), status=struct(conditions=CONDITIONS)),
    ),
    Definition(
        ("autoscaling/v2", "autoscaling/v1"), "HorizontalPodAutoscaler", "horizontalpodautoscalers", generation=False,
        default=_autoscaler, shape=struct(spec=struct(scaleTargetRef=part()), status=struct(conditions=CONDITIONS)),
    ),
    Definition(
        ("networking.k8s.io/v1",), "Ingress", "ingresses", default=_ingress,
        shape=struct(spec=struct(defaultBackend=struct(resource=WHOLE, service=struct(port=WHOLE)))),
    ),
    _plain(f"{_RBAC}/v1", "Role", "roles"),
    _plain(f"{_RBAC}/v1", "RoleBinding", "rolebindings", default=_role_binding, immutable=("roleRef",), shape=struct(roleRef=WHOLE)),
    Definition(
        ("resource.k8s.io/v1",), "ResourceClaim", "resourceclaims", generation=False, default=_device_claim, immutable=("spec",),
        shape=struct(status=struct(reservedFor=keyed("uid"))),
    ),
    _plain(
        "resource.k8s.io/v1", "ResourceClaimTemplate", "resourceclaimtemplates", default=_device_claim, immutable=("spec",),
        shape=struct(spec=struct(metadata=METADATA, spec=part(devices=part()))),
    ),
)  # fmt: skip
"""The built-in kinds that hooks make or read, or that their children lead to.

Custom ones come from ``customresource``.
"""

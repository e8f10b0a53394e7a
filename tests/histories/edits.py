"""Edits: what users change in a NIMService, by group of fields, and the NIMServices that histories
begin with."""

import copy
from typing import Any

from hooks.kernel.document import JSON
from nimservice_simulator.controllers.scenarios import SCENARIOS

Edit = dict[str, Any]
"""Dotted paths below ``spec`` with their new values; None takes a field away."""

NAMESPACE, NAME = "nim", "llama"
CACHES = ("cache", "second")

_IMAGE = {
    "repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct",
    "tag": "1.12.0",
    "pullSecrets": ["ngc-secret"],
}
_PROBE = {"httpGet": {"path": "/ok", "port": "api"}, "periodSeconds": 5, "failureThreshold": 9}
_CONTAINER = {
    "name": "tuner",
    "image": {"repository": "example.com/tuner", "tag": "1"},
    "command": ["/tune"],
}
_GATEWAY = {"name": "shared", "namespace": "gateways"}
_PICKER = {"containerSpec": {"name": "epp", "image": {"repository": "example.com/epp", "tag": "1"}}}
_PLUGINS = {
    "plugins": [{"type": "queue-scorer", "parameters": {"depth": 3}}],
    "schedulingProfiles": [{"name": "default", "plugins": [{"pluginRef": "queue-scorer"}]}],
}
_INGRESS = {
    "ingressClassName": "nginx",
    "rules": [
        {
            "host": "llama.example.com",
            "http": {
                "paths": [
                    {
                        "path": "/",
                        "pathType": "Prefix",
                        "backend": {"service": {"name": "llama", "port": {"number": 8000}}},
                    }
                ]
            },
        }
    ],
}
_TERMS = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "gpu", "operator": "Exists"}]}]}
_SPREAD = {
    "requiredDuringSchedulingIgnoredDuringExecution": [
        {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": NAME}}}
    ]
}


def _hpa(low: int, high: int) -> JSON:
    return {"enabled": True, "hpa": {"minReplicas": low, "maxReplicas": high}}


EDITS: dict[str, list[Edit]] = {
    "platform": [{"inferencePlatform": "kserve"}, {"inferencePlatform": "standalone"}],
    "image": [
        {"image.tag": "1.13.0"},
        {"image.tag": "1.12.0"},
        {"image.pullPolicy": "Always"},
        {"image.pullSecrets": ["a", "ngc-secret"]},
    ],
    "command": [
        {"command": ["/serve"], "args": ["--fast"]},
        {"args": ["--slow"]},
        {"command": None, "args": None},
    ],
    "env": [
        {"env": [{"name": "NIM_LOG_LEVEL", "value": "DEBUG"}]},
        {"env": [{"name": "A", "value": ""}, {"name": "B", "value": "$(NIM_SERVER_PORT)"}]},
        {
            "env": [
                {"name": "K", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}},
                {"name": "A", "value": "1"},
            ]
        },
        {"env": None},
    ],
    "authSecret": [{"authSecret": "ngc-api-secret"}, {"authSecret": "other"}, {"authSecret": None}],
    "storage": [
        {"storage.sharedMemorySizeLimit": "1024Mi"},
        {"storage.sharedMemorySizeLimit": None},
        {"storage.readOnly": True},
        {"storage.readOnly": None},
        {"storage.nimCache": {"name": "cache"}, "storage.pvc": None, "storage.emptyDir": None},
        {
            "storage.nimCache": {"name": "second", "profile": "two"},
            "storage.pvc": None,
            "storage.emptyDir": None,
        },
        {
            "storage.nimCache": {"name": "cache", "profile": "one"},
            "storage.pvc": None,
            "storage.emptyDir": None,
        },
        {"storage.emptyDir": {"sizeLimit": "30Gi"}, "storage.pvc": None, "storage.nimCache": None},
        {
            "storage.pvc": {"name": "models", "subPath": "llama"},
            "storage.emptyDir": None,
            "storage.nimCache": None,
        },
    ],
    "labels": [
        {"labels": {"team": "nlp"}},
        {"labels": {"app": "mine", "tier": "x"}},
        {"labels": None},
    ],
    "annotations": [
        {"annotations": {"example.com/note": "1"}},
        {"annotations": {"example.com/other": "true"}},
        {"annotations": None},
    ],
    "node": [
        {"nodeSelector": {"gpu": "true"}},
        {"nodeSelector": None},
        {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": _TERMS}}},
        {"affinity": None, "podAffinity": None},
        {"podAffinity": _SPREAD},
    ],
    "tolerations": [
        {
            "tolerations": [
                {
                    "key": "nvidia.com/gpu",
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": 0,
                }
            ]
        },
        {"tolerations": [{"operator": "Exists"}]},
        {"tolerations": None},
    ],
    "resources": [
        {"resources": {"limits": {"nvidia.com/gpu": 1}}},
        {"resources": {"limits": {"memory": "1024Mi", "cpu": "0.5"}, "requests": {"cpu": 0}}},
        {"resources": None},
    ],
    "service": [
        {"expose.service.type": "LoadBalancer"},
        {"expose.service.type": "NodePort"},
        {"expose.service.type": "ClusterIP"},
        {"expose.service.name": "front"},
        {"expose.service.name": None},
        {"expose.service.annotations": {"a": "1"}, "expose.service.labels": {"b": "2"}},
        {"expose.service.annotations": None, "expose.service.labels": None},
    ],
    "ports": [
        {"expose.service.port": 8000},
        {"expose.service.port": 9000},
        {"expose.service.grpcPort": 50051, "expose.service.metricsPort": 8002},
        {"expose.service.grpcPort": None, "expose.service.metricsPort": None},
    ],
    "ingress": [
        {
            "expose.ingress": {"enabled": True, "spec": _INGRESS, "annotations": {"i": "1"}},
            "expose.router.ingress": None,
        },
        {
            "expose.router.ingress": {"ingressClass": "nginx", "tlsSecretName": "tls"},
            "expose.ingress": None,
        },
        {"expose.router.hostDomainName": "example.com"},
        {"expose.router.hostDomainName": None},
        {"expose.ingress": None, "expose.router.ingress": None},
    ],
    "gateway": [
        {"expose.router.gateway": {**_GATEWAY, "httpRoutesEnabled": True}},
        {
            "expose.router.gateway": {
                **_GATEWAY,
                "httpRoutesEnabled": True,
                "grpcRoutesEnabled": True,
            }
        },
        {"expose.router.gateway": {**_GATEWAY, "httpRoutesEnabled": False}},
        {"expose.router.annotations": {"r": "1"}},
        {"expose.router.gateway": None, "expose.router.annotations": None},
    ],
    "picker": [
        {"expose.router.eppConfig": {**_PICKER, "config": _PLUGINS}},
        {"expose.router.eppConfig": {**_PICKER, "config": {**_PLUGINS, "featureGates": ["a"]}}},
        {
            "expose.router.eppConfig": {
                **_PICKER,
                "configMapRef": {"name": "plugins", "key": "p.yaml"},
            }
        },
        {"expose.router.eppConfig": None},
    ],
    "probes": [
        {"livenessProbe": {"enabled": False}},
        {"startupProbe": {"probe": _PROBE}},
        {"readinessProbe": {"enabled": True, "probe": _PROBE}},
        {"livenessProbe": None, "startupProbe": None, "readinessProbe": None},
    ],
    "scale": [
        {"scale": _hpa(1, 4), "replicas": None},
        {"scale": _hpa(2, 3), "replicas": None},
        {"scale": {**_hpa(1, 4), "annotations": {"s": "1"}}, "replicas": None},
        {"scale": {"enabled": False}},
        {"scale": None},
    ],
    "replicas": [
        *({"replicas": count, "scale": None} for count in (0, 1, 2, 3)),
        {"replicas": None},
    ],
    "metrics": [
        {
            "metrics": {
                "enabled": True,
                "serviceMonitor": {"additionalLabels": {"release": "prom"}, "interval": "30s"},
            }
        },
        {"metrics": {"enabled": True}},
        {"metrics": None},
    ],
    "users": [{"userID": 0, "groupID": 0}, {"userID": 1234}, {"userID": None, "groupID": None}],
    "scheduling": [
        {"schedulerName": "volcano", "priorityClassName": "high"},
        {"runtimeClassName": "nvidia"},
        {"schedulerName": None, "priorityClassName": None, "runtimeClassName": None},
    ],
    "proxy": [
        {"proxy": {"httpsProxy": "http://proxy.example.com:3128", "noProxy": ".example.com"}},
        {"proxy": {"httpProxy": "http://proxy.example.com:3128", "certConfigMap": "ca"}},
        {"proxy": None},
    ],
    "containers": [
        {"initContainers": [{**_CONTAINER, "name": "fetch", "env": [{"name": "X", "value": "1"}]}]},
        {"sidecarContainers": [_CONTAINER]},
        {
            "sidecarContainers": [
                {
                    **_CONTAINER,
                    "image": {"repository": "example.com/tuner", "tag": "2", "pullSecrets": ["t"]},
                }
            ]
        },
        {"initContainers": None, "sidecarContainers": None},
    ],
}
"""Every group of fields with the values that edits choose from."""

BREAKS: dict[str, Edit] = {
    "quantity too large": {"resources": {"limits": {"memory": "1e100"}}},
    "no storage": {"storage": {}},
    "claim without size": {"storage": {"pvc": {"create": True}}},
    "profile without cache": {"storage": {"nimCache": {"profile": "one"}}},
    "cache that is not there": {"storage": {"nimCache": {"name": "nowhere"}}},
    "profile that is not there": {"storage": {"nimCache": {"name": "cache", "profile": "nowhere"}}},
    "picker without a config": {
        "expose.router.eppConfig": {**_PICKER, "configMapRef": {"key": "k"}}
    },
    "picker whose parameters are nonsense": {
        "expose.router.eppConfig": {
            **_PICKER,
            "config": {**_PLUGINS, "plugins": [{"type": "queue-scorer", "parameters": "%%"}]},
        }
    },
    "wrong type": {"tolerations": "all"},
}
"""Edits that the hooks cannot build from. Some pass the CRD; the reference's CRD, which has no
rules, lets most of them through."""

BASES: dict[str, JSON] = {
    "claim": {"storage": {"pvc": {"create": True, "size": "50Gi"}}, "replicas": 2},
    "cached": {"storage": {"nimCache": {"name": "cache", "profile": "one"}}, "replicas": 1},
    "cached without a profile": {"storage": {"nimCache": {"name": "second"}}},
    "exposed": {
        "storage": {"emptyDir": {}},
        "expose": {
            "service": {"port": 8000, "grpcPort": 50051},
            "router": {
                "hostDomainName": "example.com",
                "gateway": {**_GATEWAY, "httpRoutesEnabled": True, "grpcRoutesEnabled": True},
                "eppConfig": {**_PICKER, "config": _PLUGINS},
            },
        },
        "metrics": {"enabled": True},
    },
    "autoscaled": {"storage": {"pvc": {"name": "models"}}, "scale": _hpa(1, 4)},
    "group by MPI": {
        "storage": {"nimCache": {"name": "cache"}},
        "multiNode": {"parallelism": {"pipeline": 2, "tensor": 8}},
        "replicas": 1,
    },
    "group by Ray": {
        "storage": {"pvc": {"name": "models"}},
        "multiNode": {
            "parallelism": {"pipeline": 3},
            "ray": {"rayPort": 6379},
            "computeDomain": {"create": True},
        },
    },
    "by KServe": {
        "storage": {"nimCache": {"name": "cache", "profile": "two"}},
        "inferencePlatform": "kserve",
        "replicas": 2,
    },
    "devices": {
        "storage": {"emptyDir": {}},
        "draResources": [
            {
                "claimCreationSpec": {
                    "devices": [
                        {
                            "name": "gpu",
                            "count": 1,
                            "deviceClassName": "gpu.nvidia.com",
                            "driverName": "gpu.nvidia.com",
                        }
                    ]
                }
            }
        ],
    },
}
"""What the NIMServices of histories ask for at first, beside the image."""

SCENARIO_NAMES = tuple(SCENARIOS)


def first(base: str) -> JSON:
    """Return the NIMService that a history begins with."""
    spec = {"image": _IMAGE, "authSecret": "ngc-api-secret", **BASES[base]}
    meta = {"name": NAME, "namespace": NAMESPACE}
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": meta,
        "spec": copy.deepcopy(spec),
    }


def cache(name: str, **status: Any) -> JSON:
    """Return a NIMCache as its own controller leaves it when it is ready; the first holds two
    profiles, the second one."""
    source = {
        "ngc": {
            "modelPuller": "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.12.0",
            "authSecret": "ngc-api-secret",
        }
    }
    profiles = [
        {"name": profile, "config": {"tp": "1"}}
        for profile in (("one", "two") if name == CACHES[0] else ("two",))
    ]
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMCache",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"source": source, "storage": {"pvc": {"create": True, "size": "50Gi"}}},
        "status": {"state": "Ready", "pvc": f"{name}-pvc", "profiles": profiles, **status},
    }


CACHE_STATES: dict[str, JSON] = {
    "ready": {},
    "not ready": {"state": "InProgress"},
    "failed": {"state": "Failed"},
    "without a claim": {"pvc": ""},
    "another claim": {"pvc": "moved-pvc"},
    "another profile": {"profiles": [{"name": "three", "config": {"tp": "4"}}]},
    "more profiles": {
        "profiles": [{"name": name, "config": {"tp": "2"}} for name in ("one", "two", "three")]
    },
    "native": {"type": "native"},
}
"""What becomes of a NIMCache, as a change of the status in which it is ready."""


def applied(spec: JSON, edit: Edit) -> JSON:
    """Return a spec with an edit made."""
    new = copy.deepcopy(spec)
    for path, value in edit.items():
        *parents, last = path.split(".")
        place = new
        for name in parents:
            place = place.setdefault(name, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = copy.deepcopy(value)
    return new


_WITHOUT_PODS = (
    *("replicas", "scale", "metrics", "expose.router", "expose.ingress"),
    *(
        "expose.service.type",
        "expose.service.name",
        "expose.service.labels",
        "expose.service.annotations",
    ),
)


def about_pods(spec: JSON) -> JSON:
    """Return the part of a spec that pods depend on: only an edit of it may restart them."""
    part = applied(spec, dict.fromkeys(_WITHOUT_PODS))
    expose = part["expose"]
    if (
        expose["service"].get("port") == 8000
    ):  # the default, which the API server writes out as soon as anything else is given
        del expose["service"]["port"]
    return part


def about_picker(spec: JSON) -> JSON:
    """Return the part of a spec that the endpoint picker's pods depend on."""
    router = (spec.get("expose") or {}).get("router") or {}
    return {"picker": router.get("eppConfig"), "labels": spec.get("labels"), "image": spec["image"]}

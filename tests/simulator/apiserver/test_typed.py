"""Defaults: what built-in kinds become on their way into the server; compared with kube-apiserver
1.36."""

import base64

import pytest

from hooks.cluster.api import BadRequest, Object
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.apiserver.objects import container, stored
from tests.simulator.lab import DEPLOYMENT, deployment


def test_a_deployment_gets_its_defaults() -> None:
    spec = stored(deployment("d"))["spec"]
    assert {
        name: value for name, value in spec.items() if name not in ("template", "selector")
    } == {
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
        },
    }


def test_a_strategy_of_recreate_gets_no_rolling_update() -> None:
    assert stored(deployment("d", strategy={"type": "Recreate"}))["spec"]["strategy"] == {
        "type": "Recreate"
    }


def test_an_autoscaler_gets_its_defaults() -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    given = {
        "maxReplicas": 3,
        "scaleTargetRef": target,
        "metrics": [],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
    }
    spec = stored(
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": given}
    )["spec"]
    assert spec["minReplicas"] == 1
    assert spec["metrics"][0]["resource"]["target"]["averageUtilization"] == 80
    assert spec["behavior"] == {
        "scaleDown": {
            "stabilizationWindowSeconds": 60,
            "selectPolicy": "Max",
            "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
        },
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Max",
            "policies": [
                {"type": "Pods", "value": 4, "periodSeconds": 15},
                {"type": "Percent", "value": 100, "periodSeconds": 15},
            ],
        },
    }


def test_a_claim_gets_its_defaults() -> None:
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1024Mi"}},
        "volumeName": "",
    }
    claim = stored({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": spec})
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "volumeMode": "Filesystem",
        "storageClassName": "standard",
    }
    assert claim["status"] == {"phase": "Pending"}
    assert claim["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]


def test_an_empty_storage_class_is_a_choice() -> None:
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "",
    }
    assert (
        stored({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": spec})["spec"][
            "storageClassName"
        ]
        == ""
    )


def test_a_secrets_plain_text_is_encoded() -> None:
    secret = stored({"apiVersion": "v1", "kind": "Secret", "stringData": {"key": "text"}})
    assert secret["data"] == {"key": base64.b64encode(b"text").decode()}
    assert secret["type"] == "Opaque"
    assert "stringData" not in secret


def test_a_role_binding_names_its_groups() -> None:
    given = {
        "roleRef": {"kind": "Role", "name": "r"},
        "subjects": [{"kind": "User", "name": "u"}, {"kind": "ServiceAccount", "name": "s"}],
    }
    binding = stored({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", **given})
    group = "rbac.authorization.k8s.io"
    assert binding["roleRef"]["apiGroup"] == group
    assert [subject.get("apiGroup") for subject in binding["subjects"]] == [group, None]


def test_a_device_request_asks_for_one() -> None:
    devices = {"requests": [{"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}]}
    exactly = {"deviceClassName": "gpu.nvidia.com", "allocationMode": "ExactCount", "count": 1}
    template = stored(
        {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceClaimTemplate",
            "spec": {"spec": {"devices": devices}},
        }
    )
    claim = stored(
        {"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim", "spec": {"devices": devices}}
    )
    assert template["spec"]["spec"]["devices"]["requests"][0]["exactly"] == exactly
    assert claim["spec"]["devices"]["requests"][0]["exactly"] == exactly


@pytest.mark.parametrize(
    ("kind", "spec", "result"),
    [
        (
            "HTTPRoute",
            {
                "parentRefs": [{"name": "g"}],
                "rules": [{"backendRefs": [{"name": "s", "port": 80}]}],
            },
            {
                "parentRefs": [
                    {"name": "g", "group": "gateway.networking.k8s.io", "kind": "Gateway"}
                ],
                "rules": [
                    {
                        "backendRefs": [
                            {"name": "s", "port": 80, "group": "", "kind": "Service", "weight": 1}
                        ],
                        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                    }
                ],
            },
        ),
        (
            "GRPCRoute",
            {
                "rules": [
                    {
                        "matches": [
                            {"method": {"service": "s"}, "headers": [{"name": "a", "value": "b"}]}
                        ]
                    }
                ]
            },
            {
                "rules": [
                    {
                        "matches": [
                            {
                                "method": {"service": "s", "type": "Exact"},
                                "headers": [{"name": "a", "value": "b", "type": "Exact"}],
                            }
                        ]
                    }
                ]
            },
        ),
    ],
)
def test_routes_get_their_schemas_defaults_without_the_schema(
    kind: str, spec: Object, result: Object
) -> None:
    assert (
        stored({"apiVersion": "gateway.networking.k8s.io/v1", "kind": kind, "spec": spec})["spec"]
        == result
    )


@pytest.mark.parametrize(
    "change",
    [
        {"resources": {"limits": {"cpu": "much"}}},
        {"ports": [{"containerPort": 1.5}]},
        {"ports": "none"},
    ],
)
def test_a_value_of_the_wrong_type_is_a_bad_request(change: Object) -> None:
    with pytest.raises(BadRequest):
        container(**change)


def test_nothing_more_happens_to_what_is_stored() -> None:
    server = ApiServer()
    first = server.create({**deployment("d"), "metadata": {"name": "d", "namespace": "default"}})
    assert server.update(first) == first
    assert server.get(DEPLOYMENT, "default", "d") == first

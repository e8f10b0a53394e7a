"""Defaults: what built-in kinds become on their way into the server; compared with kube-apiserver 1.36."""

import base64
from typing import Any

import pytest

from hooks.cluster.api import BadRequest, Invalid, Object
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.lab import DEPLOYMENT, SERVICE, deployment, service


def stored(obj: Object) -> Object:
    """Return an object as the server stores it."""
    return ApiServer().create(
        {**obj, "metadata": {"name": "x", **obj.get("metadata", {}), "namespace": "default"}}
    )


def pod_spec(**spec: Any) -> Object:
    child = deployment("d")
    child["spec"]["template"]["spec"] |= spec
    result: Object = stored(child)["spec"]["template"]["spec"]
    return result


def container(**fields: Any) -> Object:
    result: Object = pod_spec(
        containers=[{"name": "main", "image": "image:1", **fields}], volumes=[{"name": "v"}]
    )["containers"][0]
    return result


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


def test_a_pod_template_gets_its_defaults() -> None:
    assert pod_spec(serviceAccountName="nim") == {
        "containers": [
            {
                "name": "main",
                "image": "image:1",
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
                "imagePullPolicy": "IfNotPresent",
                "resources": {},
            }
        ],
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
        "serviceAccountName": "nim",
        "serviceAccount": "nim",
    }


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nim", "Always"),
        ("nim:latest", "Always"),
        ("registry:5000/nim", "Always"),
        ("nim:1.0", "IfNotPresent"),
        ("registry:5000/nim:1", "IfNotPresent"),
        ("nim@sha256:abc", "IfNotPresent"),
    ],
)
def test_the_pull_policy_follows_the_tag(image: str, policy: str) -> None:
    assert container(image=image)["imagePullPolicy"] == policy


@pytest.mark.parametrize(
    ("given", "result"),
    [
        (
            {"readinessProbe": {"httpGet": {"port": 8000}, "initialDelaySeconds": 0}},
            {
                "readinessProbe": {
                    "httpGet": {"port": 8000, "path": "/", "scheme": "HTTP"},
                    "timeoutSeconds": 1,
                    "periodSeconds": 10,
                    "successThreshold": 1,
                    "failureThreshold": 3,
                }
            },
        ),
        (
            {"startupProbe": {"grpc": {"port": 1}}},
            {
                "startupProbe": {
                    "grpc": {"port": 1, "service": ""},
                    "timeoutSeconds": 1,
                    "periodSeconds": 10,
                    "successThreshold": 1,
                    "failureThreshold": 3,
                }
            },
        ),
        ({"ports": [{"containerPort": 1}]}, {"ports": [{"containerPort": 1, "protocol": "TCP"}]}),
        (
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name", "apiVersion": "v1"}}}]},
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}]},
            {"env": [{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"}}}]},
        ),
        (
            {"lifecycle": {"preStop": {"httpGet": {"port": 1}}}},
            {"lifecycle": {"preStop": {"httpGet": {"port": 1, "path": "/", "scheme": "HTTP"}}}},
        ),
        ({"env": [{"name": "A", "value": ""}], "args": [], "command": None, "tty": False}, {"env": [{"name": "A"}]}),
        ({"securityContext": {}, "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": False, "subPath": ""}]},
         {"securityContext": {}, "volumeMounts": [{"name": "v", "mountPath": "/v"}]}),
        ({"securityContext": {"privileged": False, "runAsUser": 0}}, {"securityContext": {"privileged": False, "runAsUser": 0}}),
        ({"resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}, "requests": {}}}, {"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}),
    ],
)  # fmt: skip
def test_a_container_gets_defaults_and_loses_what_says_nothing(
    given: Object, result: Object
) -> None:
    found = container(**given)
    assert {name: found[name] for name in result} == result
    assert not set(given) - set(result) - {"args", "command", "tty"}
    assert not {"args", "command", "tty"} & set(found)


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ({}, {"emptyDir": {}}),
        ({"secret": {"secretName": "s"}}, {"secret": {"secretName": "s", "defaultMode": 420}}),
        (
            {"configMap": {"name": "c", "defaultMode": 365}},
            {"configMap": {"name": "c", "defaultMode": 365}},
        ),
        ({"hostPath": {"path": "/a"}}, {"hostPath": {"path": "/a", "type": ""}}),
        ({"emptyDir": {"medium": "", "sizeLimit": "0.5Gi"}}, {"emptyDir": {"sizeLimit": "512Mi"}}),
        (
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {
                "projected": {
                    "sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}],
                    "defaultMode": 420,
                }
            },
        ),
        (
            {"downwardAPI": {"items": [{"path": "p", "fieldRef": {"fieldPath": "metadata.name"}}]}},
            {
                "downwardAPI": {
                    "items": [
                        {
                            "path": "p",
                            "fieldRef": {"fieldPath": "metadata.name", "apiVersion": "v1"},
                        }
                    ],
                    "defaultMode": 420,
                }
            },
        ),
    ],
)
def test_a_volume_gets_its_defaults(given: Object, result: Object) -> None:
    assert pod_spec(volumes=[{"name": "v", **given}])["volumes"] == [{"name": "v", **result}]


def test_a_service_gets_defaults_and_an_address() -> None:
    spec = stored(service("s", {"port": 80}))["spec"]
    assert spec.pop("clusterIP") == spec.pop("clusterIPs")[0]
    assert spec == {
        "selector": {"app": "s"},
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "internalTrafficPolicy": "Cluster",
        "ipFamilyPolicy": "SingleStack",
        "ipFamilies": ["IPv4"],
    }


def test_two_services_have_two_addresses() -> None:
    server = ApiServer()
    made = [
        server.create(
            {**service(name, {"port": 80}), "metadata": {"name": name, "namespace": "default"}}
        )
        for name in "ab"
    ]
    assert len({one["spec"]["clusterIP"] for one in made}) == 2


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_node_ports_come_and_go_with_the_type(kind: str) -> None:
    server = ApiServer()
    wanted = {**service("s", {"port": 80}), "metadata": {"name": "s", "namespace": "default"}}
    wanted["spec"]["type"] = kind
    port = server.create(wanted)["spec"]["ports"][0]["nodePort"]
    again = server.edit(
        SERVICE, "default", "s", lambda obj: obj["spec"]["ports"][0].pop("nodePort")
    )
    assert again["spec"]["ports"][0]["nodePort"] == port
    assert again["spec"]["externalTrafficPolicy"] == "Cluster"
    plain = server.edit(SERVICE, "default", "s", lambda obj: obj["spec"].update(type="ClusterIP"))
    assert "nodePort" not in plain["spec"]["ports"][0]
    assert "externalTrafficPolicy" not in plain["spec"]


def test_a_port_that_comes_later_gets_a_node_port_that_no_other_has() -> None:
    server = ApiServer()
    wanted = {
        **service("s", {"name": "a", "port": 1}, {"name": "b", "port": 1000}),
        "metadata": {"name": "s", "namespace": "default"},
    }
    wanted["spec"]["type"] = "NodePort"
    kept = server.create(wanted)["spec"]["ports"][1]
    for number in range(2, 200):  # more often than there are numbers to begin with
        changed = server.edit(
            SERVICE,
            "default",
            "s",
            lambda obj, port=number: obj["spec"].update(ports=[kept, {"name": "a", "port": port}]),
        )
        assert changed["spec"]["ports"][0] == kept


def test_what_only_a_load_balancer_has_goes_with_it_and_its_node_ports_stay() -> None:
    server = ApiServer()
    wanted = {**service("s", {"port": 80}), "metadata": {"name": "s", "namespace": "default"}}
    wanted["spec"]["type"] = "LoadBalancer"
    balanced = server.create(wanted)
    plain = server.edit(SERVICE, "default", "s", lambda obj: obj["spec"].update(type="NodePort"))
    assert "allocateLoadBalancerNodePorts" not in plain["spec"]
    assert plain["spec"]["ports"] == balanced["spec"]["ports"]


def test_a_headless_service_has_no_address() -> None:
    wanted = service("s", {"port": 80})
    wanted["spec"]["clusterIP"] = "None"
    assert stored(wanted)["spec"]["clusterIPs"] == ["None"]


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        ([], "spec.ports: Required value"),
        ([{"port": 80}, {"port": 81}], "spec.ports.name: Required value"),
        ([{"port": 80, "name": "a"}, {"port": 81, "name": "a"}], "Duplicate value"),
        ([{"port": 80, "protocol": "HTTP"}], "protocol: Unsupported value"),
        ([{"name": "a"}], "port: Required value"),
    ],
)
def test_a_service_has_its_rules(ports: list[Object], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        stored(service("s", *ports))


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


def test_a_pod_asks_for_its_limits() -> None:
    containers = [{"name": "main", "image": "i", "resources": {"limits": {"nvidia.com/gpu": 1}}}]
    pod = stored({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers}})
    assert pod["spec"]["containers"][0]["resources"]["requests"] == {"nvidia.com/gpu": "1"}
    assert pod["status"] == {"phase": "Pending"}


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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"readinessProbe": {"periodSeconds": 1}}, "must specify a handler type"),
        ({"livenessProbe": {"httpGet": {"port": 1}, "successThreshold": 2}}, "must be 1"),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}}]},
            "secretKeyRef: Required value",
        ),
        ({"resources": {"requests": {"nvidia.com/gpu": 1}}}, "Limit must be set"),
        ({"resources": {"claims": [{"name": "c"}]}}, "Not found"),
        (
            {"volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/a"}]},
            "Duplicate value",
        ),
        (
            {"ports": [{"containerPort": 1, "name": "a"}, {"containerPort": 2, "name": "a"}]},
            "Duplicate value",
        ),
    ],
)
def test_a_container_has_its_rules(change: Object, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        container(**change)


def test_nothing_more_happens_to_what_is_stored() -> None:
    server = ApiServer()
    first = server.create({**deployment("d"), "metadata": {"name": "d", "namespace": "default"}})
    assert server.update(first) == first
    assert server.get(DEPLOYMENT, "default", "d") == first

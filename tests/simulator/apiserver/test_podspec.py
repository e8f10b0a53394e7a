"""Pod spec: what pods, containers and volumes become on their way into the server; compared with
kube-apiserver 1.36."""

import pytest

from hooks.cluster.api import Object
from tests.simulator.apiserver.objects import container, pod_spec, stored


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


def test_a_pod_asks_for_its_limits() -> None:
    containers = [{"name": "main", "image": "i", "resources": {"limits": {"nvidia.com/gpu": 1}}}]
    pod = stored({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": containers}})
    assert pod["spec"]["containers"][0]["resources"]["requests"] == {"nvidia.com/gpu": "1"}
    assert pod["status"] == {"phase": "Pending"}

"""Catalogue: the rules of built-in kinds, and their fields that never change."""

from typing import Any

import pytest

from hooks.cluster.api import Invalid, Object, Resource
from hooks.kernel.values import copied
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.apiserver.objects import claim, placed
from tests.simulator.lab import deployment, service


def edited(obj: Object, path: str, value: Any) -> Object:
    """Return a copy with one field set."""
    copy = copied(obj)
    place = copy
    *above, last = path.split(".")
    for name in above:
        place = place[name]
    place[last] = value
    return copy


@pytest.mark.parametrize(
    ("obj", "path", "value"),
    [
        (placed(deployment("d")), "spec.selector", {"matchLabels": {"app": "d", "x": "y"}}),
        (claim(), "spec.storageClassName", "fast"),
        (claim(), "spec.accessModes", ["ReadWriteMany"]),
        (
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": "r", "namespace": "default"},
                "roleRef": {"kind": "Role", "name": "a"},
            },
            "roleRef",
            {"kind": "Role", "name": "b"},
        ),
        (
            {
                "apiVersion": "resource.k8s.io/v1",
                "kind": "ResourceClaimTemplate",
                "metadata": {"name": "t", "namespace": "default"},
                "spec": {
                    "spec": {
                        "devices": {
                            "requests": [
                                {"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}
                            ]
                        }
                    }
                },
            },
            "spec.spec.devices.requests",
            [],
        ),
        (placed(service("s", {"port": 80})), "spec.clusterIP", "None"),
    ],
    ids=[
        "Deployment",
        "claim's class",
        "claim's mode",
        "RoleBinding",
        "ResourceClaimTemplate",
        "Service",
    ],
)
def test_some_fields_never_change(server: ApiServer, obj: Object, path: str, value: Any) -> None:
    stored = server.create(obj)
    with pytest.raises(Invalid):
        server.update(edited(stored, path, value))
    assert (
        server.get(Resource(obj["apiVersion"], obj["kind"], ""), "default", obj["metadata"]["name"])
        == stored
    )


def test_a_claim_may_ask_for_more_once_it_is_bound(server: ApiServer) -> None:
    stored = server.create(claim())
    with pytest.raises(Invalid):
        server.update(edited(stored, "spec.resources.requests.storage", "2Gi"))
    stored = server.update_status({**stored, "status": {"phase": "Bound"}})
    assert (
        server.update(edited(stored, "spec.resources.requests.storage", "2Gi"))["spec"][
            "resources"
        ]["requests"]["storage"]
        == "2Gi"
    )


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("spec.template.spec.containers", [], "Required value"),
        ("spec.template.metadata.labels", {"app": "other"}, "does not match template"),
        (
            "spec.template.spec.containers",
            [{"name": "a", "image": "x"}, {"name": "a", "image": "x"}],
            "Duplicate value",
        ),
        ("spec.template.spec.containers", [{"name": "a"}], "image: Required value"),
        (
            "spec.template.spec.containers",
            [{"name": "a", "image": "x", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
            "Not found",
        ),
        (
            "spec.strategy",
            {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}},
            "may not be specified",
        ),
    ],
)
def test_a_deployment_has_its_rules(server: ApiServer, path: str, value: Any, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        server.create(edited(placed(deployment("d")), path, value))

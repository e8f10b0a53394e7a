"""API server: versions, generations, preconditions, deletion, discovery."""

from typing import Any

import pytest

from hooks.cluster.api import (
    AlreadyExists,
    BadRequest,
    Conflict,
    Event,
    Forbidden,
    Invalid,
    NotFound,
    Object,
    Resource,
)
from hooks.kernel.values import copied
from hooks.nimservice import kinds
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.lab import (
    CONFIG_MAP,
    DEPLOYMENT,
    SERVICE,
    WIDGET,
    WIDGETS,
    config_map,
    deployment,
    service,
)

POD = Resource("v1", "Pod", "pods")
NAMESPACE = Resource("v1", "Namespace", "namespaces", namespaced=False)


@pytest.fixture
def server() -> ApiServer:
    return ApiServer(crds=[WIDGETS])


def placed(obj: Object) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "namespace": "default"}}


def widget(**rest: Any) -> Object:
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "default"},
        "spec": {"a": 1},
        **rest,
    }


def claim() -> Object:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "c", "namespace": "default"},
        "spec": spec,
    }


def pod(**spec: Any) -> Object:
    containers = [{"name": "main", "image": "image:1"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": containers, **spec},
    }


def test_a_new_object_gets_what_only_the_server_gives(server: ApiServer) -> None:
    forged = {
        "uid": "mine",
        "resourceVersion": "7",
        "generation": 9,
        "creationTimestamp": "1999-01-01T00:00:00Z",
        "deletionTimestamp": "x",
    }
    obj = widget(status={"a": 1})
    meta = server.create({**obj, "metadata": {**obj["metadata"], **forged}})["metadata"]
    assert meta["uid"] != "mine"
    assert (meta["generation"], meta["creationTimestamp"]) == (1, "2026-01-01T00:00:00Z")
    assert "deletionTimestamp" not in meta
    assert "status" not in server.get(WIDGET, "default", "w")


def test_versions_grow_and_move_only_with_content(server: ApiServer) -> None:
    first = server.create(widget())
    assert server.update(copied(first)) == first
    second = server.update({**first, "spec": {"a": 2}})
    assert int(second["metadata"]["resourceVersion"]) > int(first["metadata"]["resourceVersion"])
    other = server.create(placed(config_map("a")))
    assert int(other["metadata"]["resourceVersion"]) > int(second["metadata"]["resourceVersion"])


def test_the_generation_counts_changes_of_what_is_wanted(server: ApiServer) -> None:
    obj = server.create(widget())
    obj = server.update({**obj, "metadata": {**obj["metadata"], "labels": {"a": "b"}}})
    assert obj["metadata"]["generation"] == 1
    obj = server.update_status({**obj, "status": {"a": 1}})
    assert obj["metadata"]["generation"] == 1
    obj = server.update(
        {
            **obj,
            "spec": {"a": 2},
            "metadata": {**obj["metadata"], "finalizers": ["example.com/hold"]},
        }
    )
    assert obj["metadata"]["generation"] == 2
    server.delete(WIDGET, "default", "w")
    assert server.get(WIDGET, "default", "w")["metadata"]["generation"] == 3


@pytest.mark.parametrize(
    "obj",
    [placed(config_map("a")), placed(service("s", {"port": 80})), claim()],
    ids=lambda obj: obj["kind"],
)
def test_some_kinds_have_no_generation(server: ApiServer, obj: Object) -> None:
    assert "generation" not in server.create(obj)["metadata"]


def test_update_leaves_the_status_and_update_status_leaves_the_rest(server: ApiServer) -> None:
    obj = server.create(widget())
    obj = server.update_status({**obj, "spec": {"a": 9}, "status": {"fine": True}})
    assert (obj["spec"], obj["status"]) == ({"a": 1}, {"fine": True})
    obj = server.update({**obj, "spec": {"a": 2}, "status": {"fine": False}})
    assert (obj["spec"], obj["status"]) == ({"a": 2}, {"fine": True})
    obj = server.update_status({name: value for name, value in obj.items() if name != "status"})
    assert "status" not in obj


def test_a_kind_without_the_subresource_has_no_status_update(server: ApiServer) -> None:
    obj = server.create(placed(config_map("a")))
    with pytest.raises(NotFound):
        server.update_status({**obj, "status": {}})


def test_an_old_version_conflicts_and_none_does_not(server: ApiServer) -> None:
    first = server.create(widget())
    server.update({**first, "spec": {"a": 2}})
    with pytest.raises(Conflict):
        server.update({**first, "spec": {"a": 3}})
    with pytest.raises(Conflict):
        server.update_status({**first, "status": {"a": 3}})
    unversioned = {
        name: value for name, value in first["metadata"].items() if name != "resourceVersion"
    }
    assert server.update({**first, "spec": {"a": 3}, "metadata": unversioned})["spec"] == {"a": 3}
    with pytest.raises(Conflict, match="UID"):
        server.update({**first, "metadata": {**unversioned, "uid": "other"}})


def test_a_name_is_taken_once(server: ApiServer) -> None:
    server.create(widget())
    with pytest.raises(AlreadyExists):
        server.create(widget())


def test_what_is_not_there_is_not_found(server: ApiServer) -> None:
    for attempt in (
        lambda: server.get(WIDGET, "default", "w"),
        lambda: server.update(widget()),
        lambda: server.delete(WIDGET, "default", "w"),
        lambda: server.list(Resource("v1", "Pig", "pigs")),
        lambda: server.create({**widget(), "kind": "Pig"}),
        lambda: server.create({**widget(), "metadata": {"name": "w", "namespace": "nowhere"}}),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_deletion_checks_the_uid(server: ApiServer) -> None:
    uid = server.create(widget())["metadata"]["uid"]
    with pytest.raises(Conflict, match="Precondition failed"):
        server.delete(WIDGET, "default", "w", uid="other")
    server.delete(WIDGET, "default", "w", uid=uid)
    assert not server.exists(WIDGET, "default", "w")


def test_finalizers_hold_a_deleted_object(server: ApiServer) -> None:
    obj = server.create(
        widget(metadata={"name": "w", "namespace": "default", "finalizers": ["example.com/a"]})
    )
    server.delete(WIDGET, "default", "w")
    obj = server.get(WIDGET, "default", "w")
    assert obj["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:00Z"
    with pytest.raises(Invalid, match="no new finalizers"):
        server.update(
            {
                **obj,
                "metadata": {**obj["metadata"], "finalizers": ["example.com/a", "example.com/b"]},
            }
        )
    server.update({**obj, "metadata": {**obj["metadata"], "finalizers": []}})
    assert not server.exists(WIDGET, "default", "w")


def test_a_pod_on_a_node_waits_for_the_kubelet(server: ApiServer) -> None:
    server.create(pod(nodeName="n"))
    server.delete(POD, "default", "p")
    assert server.get(POD, "default", "p")["metadata"]["deletionGracePeriodSeconds"] == 30
    server.delete(POD, "default", "p", grace=0)
    assert not server.exists(POD, "default", "p")
    server.create(pod())
    server.delete(POD, "default", "p")
    assert not server.exists(POD, "default", "p"), "a pod that is nowhere just goes"


def test_a_namespace_waits_for_its_content(server: ApiServer) -> None:
    server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
    server.delete(NAMESPACE, "", "x")
    assert server.get(NAMESPACE, "", "x")["status"]["phase"] == "Terminating"
    with pytest.raises(Forbidden, match="being terminated"):
        server.create({**config_map("a"), "metadata": {"name": "a", "namespace": "x"}})


def test_watchers_hear_of_old_and_new(server: ApiServer) -> None:
    heard: list[Event] = []
    obj = server.create(widget())
    server.watch(WIDGET, heard.append)
    server.update({**obj, "spec": {"a": 2}}, manager="me")
    server.update(
        {**obj, "spec": {"a": 2}, "metadata": {"name": "w", "namespace": "default"}}, manager="me"
    )
    server.create(placed(config_map("a")))
    server.delete(WIDGET, "default", "w")
    assert [event.type for event in heard] == ["ADDED", "MODIFIED", "DELETED"]
    assert heard[1].old == obj
    assert (heard[1].object["spec"], heard[1].manager) == ({"a": 2}, "me")


def test_requests_are_counted_whatever_comes_of_them(server: ApiServer) -> None:
    obj = server.create(widget())
    server.update(obj)
    with pytest.raises(AlreadyExists):
        server.create(widget())
    assert server.requests["create", "Widget"] == 2
    assert server.requests["update", "Widget"] == 1


def test_discovery_follows_what_is_installed(server: ApiServer) -> None:
    assert server.find_plural("example.com/v1", "widgets") == WIDGET
    assert server.find_kind("example.com/v1", "Widget") == WIDGET
    assert server.find_kind("example.com/v2", "Widget") is None
    server.create(widget())
    server.uninstall(WIDGET)
    assert server.find_plural("example.com/v1", "widgets") is None
    server.kinds.install(WIDGETS)
    assert server.list(WIDGET) == []


def test_one_object_is_served_in_every_version_of_its_kind(server: ApiServer) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    old, new = (
        Resource(f"autoscaling/{version}", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
        for version in ("v1", "v2")
    )
    meta = {"name": "h", "namespace": "default"}
    server.create(
        {
            "apiVersion": "autoscaling/v1",
            "kind": "HorizontalPodAutoscaler",
            "metadata": meta,
            "spec": {"maxReplicas": 2, "scaleTargetRef": target},
        }
    )
    assert server.get(old, "default", "h")["apiVersion"] == "autoscaling/v1"
    assert server.list(new)[0]["apiVersion"] == "autoscaling/v2"


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"name": "Upper"}, "metadata.name"),
        ({"name": "a" * 254}, "metadata.name"),
        ({"name": "a_b"}, "metadata.name"),
        ({}, "name or generateName is required"),
        ({"name": "w", "labels": {"a": "x" * 64}}, "metadata.labels"),
        ({"name": "w", "labels": {"a b": "x"}}, "metadata.labels"),
        ({"name": "w", "annotations": {"/a": "x"}}, "metadata.annotations"),
        ({"name": "w", "annotations": {"a": "x" * 262144}}, "Too long"),
        (
            {
                "name": "w",
                "ownerReferences": [
                    {"uid": "1", "controller": True},
                    {"uid": "2", "controller": True},
                ],
            },
            "Only one reference",
        ),
    ],
)
def test_metadata_has_its_rules(server: ApiServer, metadata: Object, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        server.create(widget(metadata={"namespace": "default", **metadata}))


@pytest.mark.parametrize(
    "metadata", [{"name": "w", "labels": {"a": 1}}, {"name": "w", "annotations": {"a": True}}, "w"]
)
def test_metadata_of_another_type_is_a_bad_request(server: ApiServer, metadata: Any) -> None:
    meta = {"namespace": "default", **metadata} if isinstance(metadata, dict) else metadata
    with pytest.raises(BadRequest):
        server.create(widget(metadata=meta))


@pytest.mark.parametrize("name", ["a" * 64, "1a", "a.b"])
def test_a_services_name_is_narrower(server: ApiServer, name: str) -> None:
    with pytest.raises(Invalid, match="DNS-1035"):
        server.create(placed(service(name, {"port": 80})))


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


def test_admission_rules_can_refuse(server: ApiServer) -> None:
    server.admission.append(lambda new, _: "exceeded quota" if new["kind"] == "Pod" else None)
    with pytest.raises(Forbidden, match='pods "p" is forbidden: exceeded quota'):
        server.create(pod())
    server.create(placed(config_map("a")))


def test_reads_name_their_namespace(server: ApiServer) -> None:
    server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
    for namespace in ("default", "x"):
        server.create({**config_map("a"), "metadata": {"name": "a", "namespace": namespace}})
    assert len(server.list(CONFIG_MAP)) == 2
    assert len(server.list(CONFIG_MAP, "x")) == 1
    assert server.get(NAMESPACE, "", "x")["metadata"]["labels"] == {
        "kubernetes.io/metadata.name": "x"
    }
    with pytest.raises(BadRequest, match="empty namespace"):
        server.create(config_map("b"))


def test_kinds_are_named_by_anything_that_has_the_names(server: ApiServer) -> None:
    server.create(placed(deployment("d")))
    assert server.get(kinds.DEPLOYMENT, "default", "d") == server.get(DEPLOYMENT, "default", "d")
    assert server.list(SERVICE) == []

"""API server: versions, generations, preconditions, deletion, discovery."""

import pytest

from hooks.cluster.api import (
    AlreadyExists,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    Object,
    Resource,
)
from hooks.kernel.values import copied
from hooks.nimservice import kinds
from nimservice_simulator.api import Event
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.apiserver.objects import NAMESPACE, claim, placed, pod, widget
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

"""Garbage: what goes with its owner."""

from typing import Any

from hooks.cluster.api import Object
from nimservice_simulator.apiserver.garbage import Garbage
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.lab import CONFIG_MAP, config_map


def made(
    server: ApiServer, name: str, *owners: Object, namespace: str = "default", **metadata: Any
) -> Object:
    references = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": True,
        }
        for owner in owners
    ]
    return server.create(
        config_map(name, namespace=namespace, ownerReferences=references, **metadata)
    )


def names(server: ApiServer) -> list[str]:
    return [obj["metadata"]["name"] for obj in server.list(CONFIG_MAP)]


def test_children_go_with_their_owner_and_theirs_with_them(server: ApiServer) -> None:
    garbage = Garbage(server)
    grandparent = made(server, "a")
    parent = made(server, "b", grandparent)
    made(server, "c", parent)
    made(server, "other")
    server.delete(CONFIG_MAP, "default", "a")
    assert garbage.collect()
    assert names(server) == ["other"]
    assert not garbage.collect()


def test_a_child_of_two_stays_while_one_does(server: ApiServer) -> None:
    garbage = Garbage(server)
    one, two = made(server, "one"), made(server, "two")
    made(server, "child", one, two)
    for owner, left in (("one", ["child", "two"]), ("two", [])):
        server.delete(CONFIG_MAP, "default", owner)
        garbage.collect()
        assert names(server) == left


def test_an_owner_in_another_namespace_is_none(server: ApiServer) -> None:
    garbage = Garbage(server)
    server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
    owner = made(server, "owner", namespace="x")
    made(server, "child", owner)
    garbage.collect()
    assert names(server) == ["owner"]


def test_a_child_of_an_owner_that_is_gone_goes_at_once(server: ApiServer) -> None:
    garbage = Garbage(server)
    owner = made(server, "owner")
    server.delete(CONFIG_MAP, "default", "owner")
    garbage.collect()
    made(server, "late", owner)
    assert garbage.collect()
    assert names(server) == []


def test_foreground_deletion_waits_for_blocking_children(server: ApiServer) -> None:
    garbage = Garbage(server)
    owner = made(server, "owner")
    made(server, "child", owner, finalizers=["example.com/hold"])
    server.delete(CONFIG_MAP, "default", "owner", propagation="Foreground")
    garbage.collect()
    assert names(server) == ["child", "owner"]
    assert server.get(CONFIG_MAP, "default", "child")["metadata"]["deletionTimestamp"]
    server.edit(CONFIG_MAP, "default", "child", lambda obj: obj["metadata"].pop("finalizers"))
    garbage.collect()
    assert names(server) == []


def test_orphans_are_let_go(server: ApiServer) -> None:
    garbage = Garbage(server)
    owner = made(server, "owner")
    made(server, "child", owner)
    server.delete(CONFIG_MAP, "default", "owner", propagation="Orphan")
    garbage.collect()
    assert names(server) == ["child"]
    assert "ownerReferences" not in server.get(CONFIG_MAP, "default", "child")["metadata"]

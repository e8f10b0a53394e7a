"""Claiming: which parent owns a child, and how an orphan gets an owner."""

from collections import Counter

import pytest

from nimservice_simulator.metacontroller.children import Engine
from tests.simulator.lab import Lab, config_map, owned_by, returning


def test_dynamic_apply_never_touches_a_foreign_object_of_the_same_name() -> None:
    lab = Lab(returning(config_map("a")))
    foreign = lab.server.create(config_map("a", {"theirs": "yes"}, namespace="default"))
    lab.widget()
    lab.run()
    assert lab.get("a") == foreign
    assert not lab.loop.warnings
    assert lab.requests[-1][1]["children"] == {"ConfigMap.v1": {}}
    assert lab.writes_of_one_sync() == Counter({("create", "ConfigMap"): 1}), (
        "one POST that fails, every sync"
    )


def test_server_side_apply_takes_a_foreign_object_over() -> None:
    lab = Lab(returning(config_map("a")), engine="server-side-apply")
    lab.server.create(config_map("a", {"theirs": "yes"}, namespace="default"))
    parent = lab.widget()
    lab.run()
    assert owned_by(parent, lab.get("a"))
    assert lab.get("a")["data"] == {"theirs": "yes", "key": "value"}


def test_server_side_apply_fails_on_an_object_of_another_controller() -> None:
    lab = Lab(returning(config_map("a")), engine="server-side-apply")
    other = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "name": "x",
        "uid": "other",
        "controller": True,
    }
    lab.server.create(config_map("a", namespace="default", ownerReferences=[other]))
    lab.widget()
    lab.run()
    assert "Only one reference can have Controller set to true" in lab.loop.warnings[0].message
    assert lab.parent()["status"] == {"observedGeneration": 1}, "status is written all the same"


def test_a_child_that_lost_its_label_is_released_and_unmanaged_under_dynamic_apply() -> None:
    lab = Lab(returning(config_map("a")))
    lab.widget()
    lab.run()
    lab.edit("a", lambda obj: obj["metadata"].pop("labels"))
    lab.run()
    assert "ownerReferences" not in lab.get("a")["metadata"]
    lab.edit("a", lambda obj: obj["data"].update(key="mine"))
    lab.loop.resync()
    lab.run()
    assert lab.get("a")["data"] == {"key": "mine"}


def test_server_side_apply_takes_a_released_child_back() -> None:
    lab = Lab(returning(config_map("a")), engine="server-side-apply")
    parent = lab.widget()
    lab.run()
    lab.edit("a", lambda obj: obj["metadata"].pop("labels"))
    lab.run()
    assert owned_by(parent, lab.get("a"))


def test_an_orphan_with_the_label_is_adopted(engine: Engine) -> None:
    lab = Lab(returning(config_map("a")), engine=engine)
    parent = lab.widget()
    lab.server.create(
        config_map(
            "a",
            {"theirs": "yes"},
            namespace="default",
            labels={"controller-uid": parent["metadata"]["uid"]},
        )
    )
    lab.run()
    assert owned_by(parent, lab.get("a"))
    assert lab.get("a")["data"] == {"theirs": "yes", "key": "value"}


def test_an_adopted_child_that_is_not_wanted_is_deleted_in_the_same_sync(engine: Engine) -> None:
    lab = Lab(returning(), engine=engine)
    parent = lab.widget()
    lab.server.create(
        config_map("a", namespace="default", labels={"controller-uid": parent["metadata"]["uid"]})
    )
    lab.loop.informers.deliver()
    lab.loop.step()
    assert not lab.exists("a")


@pytest.mark.parametrize("value", [True, 1, None])
def test_a_label_that_is_no_string_aborts_the_sync(engine: Engine, value: object) -> None:
    lab = Lab(
        returning(config_map("a", labels={"x": value}), config_map("b"), status={"fine": True}),
        engine=engine,
    )
    lab.widget()
    lab.run()
    assert not lab.writes()
    assert "invalid labels" in lab.loop.warnings[0].message


def test_a_label_that_contradicts_the_generated_one_aborts_the_sync(engine: Engine) -> None:
    lab = Lab(returning(config_map("a", labels={"controller-uid": "x"})), engine=engine)
    lab.widget()
    lab.run()
    assert not lab.writes()
    assert "don't match parent selector" in lab.loop.warnings[0].message

"""Children: created, repaired and deleted, on either apply engine."""

from collections import Counter

import pytest

from nimservice_simulator.metacontroller.children import Engine
from tests.simulator.lab import (
    CONFIG_MAP,
    DEPLOYMENT,
    Lab,
    config_map,
    deployment,
    made,
    owned_by,
    returning,
)


def test_children_are_made_owned_and_labelled_and_then_left_in_peace(engine: Engine) -> None:
    lab = Lab(returning(config_map("a"), config_map("b"), status={"fine": True}), engine=engine)
    parent = lab.widget()
    lab.run()
    assert lab.writes() == Counter({made(engine, "ConfigMap"): 2, ("update_status", "Widget"): 1})
    for name in ("a", "b"):
        child = lab.get(name)
        assert owned_by(parent, child)
        assert child["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] is True
        assert child["metadata"]["labels"] == {"controller-uid": parent["metadata"]["uid"]}
    assert lab.parent()["status"] == {"fine": True, "observedGeneration": 1}
    assert lab.calls() >= 2
    assert not lab.writes_of_one_sync()


def test_a_sync_at_rest_reads_the_parent_once_and_writes_nothing(engine: Engine) -> None:
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.run()
    before = lab.loop.api.requests.copy()
    lab.loop.resync()
    lab.run()
    assert lab.loop.api.requests - before == Counter({("get", "Widget"): 1})


def test_a_dropped_child_is_deleted(engine: Engine) -> None:
    lab = Lab(returning(config_map("a"), config_map("b")), engine=engine)
    lab.widget()
    lab.run()
    lab.writes()
    lab.hooks["sync"] = returning(config_map("b"))
    lab.loop.resync()
    lab.run()
    assert not lab.exists("a")
    assert lab.exists("b")
    assert lab.writes() == Counter({("delete", "ConfigMap"): 1})


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"children": null, "status": null}'])
def test_an_empty_answer_deletes_everything_and_wipes_the_status(
    engine: Engine, body: bytes
) -> None:
    lab = Lab(returning(config_map("a"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    lab.hooks["sync"] = lambda _: (200, {}, body)
    lab.loop.resync()
    lab.run()
    assert not lab.exists("a")
    assert lab.parent()["status"] == {"observedGeneration": 1}


def test_a_hand_edit_of_an_owned_field_is_reverted(engine: Engine) -> None:
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.run()
    lab.edit("a", lambda obj: obj["data"].update(key="mine"))
    lab.run()
    assert lab.get("a")["data"] == {"key": "value"}


def test_a_hand_edit_stays_on_delete(engine: Engine) -> None:
    lab = Lab(returning(config_map("a")), engine=engine, rules={CONFIG_MAP: "OnDelete"})
    lab.widget()
    lab.run()
    lab.edit("a", lambda obj: obj["data"].update(key="mine"))
    lab.run()
    assert lab.get("a")["data"] == {"key": "mine"}


def test_fields_of_others_are_kept(engine: Engine) -> None:
    lab = Lab(returning(deployment("d")), engine=engine, rules={DEPLOYMENT: "InPlace"})
    lab.widget()
    lab.run()
    lab.writes()
    lab.edit("d", lambda obj: obj["spec"].update(replicas=7, minReadySeconds=5), DEPLOYMENT)
    lab.run()
    spec = lab.get("d", DEPLOYMENT)["spec"]
    assert (spec["replicas"], spec["minReadySeconds"]) == (7, 5)
    assert not lab.writes_of_one_sync()


def test_a_field_no_longer_sent_is_removed_and_its_default_comes_back(engine: Engine) -> None:
    lab = Lab(
        returning(deployment("d", revisionHistoryLimit=3, paused=True)),
        engine=engine,
        rules={DEPLOYMENT: "InPlace"},
    )
    lab.widget()
    lab.run()
    assert lab.get("d", DEPLOYMENT)["spec"]["revisionHistoryLimit"] == 3
    lab.hooks["sync"] = returning(deployment("d"))
    lab.loop.resync()
    lab.run()
    spec = lab.get("d", DEPLOYMENT)["spec"]
    assert spec["revisionHistoryLimit"] == 10
    assert "paused" not in spec
    assert not lab.writes_of_one_sync()


def test_a_child_deleted_by_hand_is_made_again(engine: Engine) -> None:
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.run()
    first = lab.get("a")["metadata"]["uid"]
    lab.server.delete(CONFIG_MAP, "default", "a")
    lab.run()
    assert lab.get("a")["metadata"]["uid"] != first


def test_a_terminating_child_is_left_alone_until_it_is_gone(engine: Engine) -> None:
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.run()
    lab.edit("a", lambda obj: obj["metadata"].update(finalizers=["example.com/hold"]))
    lab.server.delete(CONFIG_MAP, "default", "a")
    lab.run()
    lab.writes()
    lab.edit("a", lambda obj: obj["data"].update(key="mine"))
    lab.run()
    assert not lab.writes()
    assert lab.requests[-1][1]["children"]["ConfigMap.v1"]["default/a"]["metadata"][
        "deletionTimestamp"
    ]
    lab.edit("a", lambda obj: obj["metadata"].pop("finalizers"))
    lab.run()
    assert lab.get("a")["data"] == {"key": "value"}


def test_a_second_sync_that_does_not_see_the_child_yet_does_no_harm(engine: Engine) -> None:
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.loop.informers.deliver()
    lab.loop.step()
    first = lab.get("a")
    lab.widgets.sync(("default", "w"))
    assert lab.get("a") == first
    assert not lab.loop.warnings


def test_chance_order_leads_to_one_result(engine: Engine) -> None:
    names = [f"c{number}" for number in range(6)]
    orders, results = set(), []
    for seed in range(5):
        lab = Lab(
            returning(*(config_map(name, {"name": name}) for name in names)),
            engine=engine,
            seed=seed,
        )
        lab.widget()
        lab.run()
        made_in = sorted(names, key=lambda name: int(lab.get(name)["metadata"]["resourceVersion"]))
        orders.add(tuple(made_in))
        results.append(
            {name: (lab.get(name)["data"], lab.get(name)["metadata"]["labels"]) for name in names}
        )
    assert len(orders) > 1
    assert all(result == results[0] for result in results)


def test_of_two_entries_of_one_name_the_last_wins(engine: Engine) -> None:
    lab = Lab(returning(config_map("a", {"n": "1"}), config_map("a", {"n": "2"})), engine=engine)
    lab.widget()
    lab.run()
    assert lab.get("a")["data"] == {"n": "2"}


def test_deletes_come_before_creates() -> None:
    lab = Lab(returning(config_map("a")))
    lab.widget()
    lab.run()
    seen: list[tuple[str, str]] = []
    lab.server.watch_all(lambda event: seen.append((event.type, event.object["metadata"]["name"])))
    lab.hooks["sync"] = returning(config_map("b"))
    lab.loop.resync()
    lab.run()
    assert seen == [("DELETED", "a"), ("ADDED", "b")]


def test_core_kinds_come_before_those_of_groups(engine: Engine) -> None:
    rules = {DEPLOYMENT: "InPlace", CONFIG_MAP: "InPlace"}
    lab = Lab(returning(deployment("d"), config_map("c")), engine=engine, rules=rules)
    lab.widget()
    lab.run()
    assert int(lab.get("c")["metadata"]["resourceVersion"]) < int(
        lab.get("d", DEPLOYMENT)["metadata"]["resourceVersion"]
    )

"""Children: created, repaired and deleted, on either apply engine."""

from collections import Counter

import pytest

from hooks.cluster.api import Resource
from nimservice_simulator.metacontroller.children import Engine
from tests.simulator.lab import (
    CONFIG_MAP,
    DEPLOYMENT,
    SERVICE,
    Lab,
    config_map,
    deployment,
    owned_by,
    returning,
    service,
)


def made(engine: Engine, kind: str) -> tuple[str, str]:
    """Return the write by which an engine makes a child."""
    return ("create" if engine == "dynamic-apply" else "apply"), kind


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


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b"sorry"),
        (204, {}, b""),
        (200, {}, b""),
        (200, {}, b"{not json"),
        (200, {}, b'{"children": {}}'),
    ],
)
def test_a_failed_answer_changes_nothing_and_is_tried_again_later(
    engine: Engine, answer: tuple[int, dict[str, str], bytes]
) -> None:
    lab = Lab(returning(config_map("a"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    lab.writes()
    good, lab.hooks["sync"] = lab.hooks["sync"], lambda _: answer
    lab.loop.resync()
    lab.run()
    assert not lab.writes()
    assert lab.exists("a")
    assert lab.parent()["status"] == {"fine": True, "observedGeneration": 1}
    assert [warning.reason for warning in lab.loop.warnings] == ["SyncError"]
    calls = lab.calls()
    lab.hooks["sync"] = good
    assert lab.later(0.004) == 0, "back-off begins at 5 ms"
    lab.later(0.002)
    assert lab.calls() == calls + 1
    assert lab.widgets.queue.failures(("default", "w")) == 0


def test_the_body_of_an_error_lands_in_the_event() -> None:
    lab = Lab(lambda _: (500, {}, b"llama: disk full\n"))
    lab.widget()
    lab.run()
    assert (
        lab.loop.warnings[0].message
        == "Sync error: sync hook failed: unsupported status code: 500 body: llama: disk full"
    )


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


def test_another_version_than_the_rules_is_made_and_deleted_for_ever(engine: Engine) -> None:
    rule = Resource("autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    child = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": target},
    }
    lab = Lab(returning(child), engine=engine, rules={rule: "InPlace"})
    lab.widget()
    assert lab.loop.run(30) == 30
    writes = lab.writes()
    assert writes["delete", "HorizontalPodAutoscaler"] > 5
    assert writes[made(engine, "HorizontalPodAutoscaler")] > 5


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


def test_a_kind_that_is_not_listed_is_written_once_every_sync_and_never_seen(
    engine: Engine,
) -> None:
    lab = Lab(returning(service("s", {"port": 80})), engine=engine)
    lab.widget()
    lab.run()
    assert lab.exists("s", SERVICE)
    assert lab.requests[-1][1]["children"] == {"ConfigMap.v1": {}}
    assert lab.writes_of_one_sync() == Counter({made(engine, "Service"): 1})


def test_a_kind_that_does_not_exist_fails_alone(engine: Engine) -> None:
    strange = {"apiVersion": "example.com/v9", "kind": "Strange", "metadata": {"name": "s"}}
    lab = Lab(returning(strange, config_map("a"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    assert lab.exists("a")
    assert lab.parent()["status"]["fine"] is True
    assert "can't find kind Strange in apiVersion example.com/v9" in lab.loop.warnings[0].message


def test_a_listed_kind_that_disappears_fails_every_sync(engine: Engine) -> None:
    lab = Lab(
        returning(config_map("a")),
        engine=engine,
        rules={CONFIG_MAP: "InPlace", DEPLOYMENT: "InPlace"},
    )
    lab.widget()
    lab.run()
    lab.server.uninstall(DEPLOYMENT)
    lab.loop.resync()
    lab.run()
    assert "can't find resource deployments in apiVersion apps/v1" in lab.loop.warnings[0].message


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


def test_one_failed_child_does_not_stop_the_others_nor_the_status(engine: Engine) -> None:
    lab = Lab(
        returning(config_map("Bad_Name"), config_map("good"), status={"fine": True}), engine=engine
    )
    lab.widget()
    lab.run()
    assert lab.exists("good")
    assert lab.parent()["status"]["fine"] is True
    assert "Bad_Name" in lab.loop.warnings[0].message

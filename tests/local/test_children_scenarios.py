"""The contract's scenarios about children: S1 to S12, S17, S18, S20 to S23, S25."""

from collections import Counter

import pytest

from hooks.local.api import Resource
from hooks.local.loop.children import Engine
from hooks.local.values import copied
from tests.local.lab import CONFIG_MAP, DEPLOYMENT, LAST_APPLIED, SERVICE, Lab, config_map, deployment, owned_by, returning, service


def made(engine: Engine, kind: str) -> tuple[str, str]:
    """Return the write by which an engine makes a child."""
    return ("create" if engine == "dynamic-apply" else "apply"), kind


def test_children_are_made_owned_and_labelled_and_then_left_in_peace(engine: Engine) -> None:
    """S1"""
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
    """S1, section 8.2"""
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.run()
    before = lab.loop.api.requests.copy()
    lab.loop.resync()
    lab.run()
    assert lab.loop.api.requests - before == Counter({("get", "Widget"): 1})


def test_a_dropped_child_is_deleted(engine: Engine) -> None:
    """S2"""
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
def test_an_empty_answer_deletes_everything_and_wipes_the_status(engine: Engine, body: bytes) -> None:
    """S3"""
    lab = Lab(returning(config_map("a"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    lab.hooks["sync"] = lambda _: (200, {}, body)
    lab.loop.resync()
    lab.run()
    assert not lab.exists("a")
    assert lab.parent()["status"] == {"observedGeneration": 1}


@pytest.mark.parametrize(
    "answer", [(500, {}, b"sorry"), (204, {}, b""), (200, {}, b""), (200, {}, b"{not json"), (200, {}, b'{"children": {}}')]
)
def test_a_failed_answer_changes_nothing_and_is_tried_again_later(engine: Engine, answer: tuple[int, dict[str, str], bytes]) -> None:
    """S4"""
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
    assert lab.loop.queue.failures(("default", "w")) == 0


def test_the_body_of_an_error_lands_in_the_event() -> None:
    """Section 2.6"""
    lab = Lab(lambda _: (500, {}, b"llama: disk full\n"))
    lab.widget()
    lab.run()
    assert lab.loop.warnings[0].message == "Sync error: sync hook failed: unsupported status code: 500 body: llama: disk full"


def test_a_hand_edit_of_an_owned_field_is_reverted(engine: Engine) -> None:
    """S5"""
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.run()
    lab.edit("a", lambda obj: obj["data"].update(key="mine"))
    lab.run()
    assert lab.get("a")["data"] == {"key": "value"}


def test_a_hand_edit_stays_on_delete(engine: Engine) -> None:
    """S5"""
    lab = Lab(returning(config_map("a")), engine=engine, rules={CONFIG_MAP: "OnDelete"})
    lab.widget()
    lab.run()
    lab.edit("a", lambda obj: obj["data"].update(key="mine"))
    lab.run()
    assert lab.get("a")["data"] == {"key": "mine"}


def test_server_side_apply_does_not_see_drift_of_labels_on_kinds_with_a_generation() -> None:
    """Section 3.6: what the cache compares for a Deployment is its generation"""
    child = deployment("d")
    child["metadata"]["labels"] = {"tier": "gpu"}
    lab = Lab(returning(child), engine="server-side-apply", rules={DEPLOYMENT: "InPlace"})
    lab.widget()
    lab.run()
    lab.edit("d", lambda obj: obj["metadata"]["labels"].update(tier="cpu"), DEPLOYMENT)
    lab.run()
    assert lab.get("d", DEPLOYMENT)["metadata"]["labels"]["tier"] == "cpu"
    lab.edit("d", lambda obj: obj["spec"]["template"]["spec"]["containers"][0].update(image="mine"), DEPLOYMENT)
    lab.run()
    repaired = lab.get("d", DEPLOYMENT)
    assert repaired["spec"]["template"]["spec"]["containers"][0]["image"] == "image:1"
    assert repaired["metadata"]["labels"]["tier"] == "gpu"


def test_fields_of_others_are_kept(engine: Engine) -> None:
    """S6"""
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
    """S7"""
    lab = Lab(returning(deployment("d", revisionHistoryLimit=3, paused=True)), engine=engine, rules={DEPLOYMENT: "InPlace"})
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
    """S8"""
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


def test_dynamic_apply_never_touches_a_foreign_object_of_the_same_name() -> None:
    """S9"""
    lab = Lab(returning(config_map("a")))
    foreign = lab.server.create(config_map("a", {"theirs": "yes"}, namespace="default"))
    lab.widget()
    lab.run()
    assert lab.get("a") == foreign
    assert not lab.loop.warnings
    assert lab.requests[-1][1]["children"] == {"ConfigMap.v1": {}}
    assert lab.writes_of_one_sync() == Counter({("create", "ConfigMap"): 1}), "one POST that fails, every sync"


def test_server_side_apply_takes_a_foreign_object_over() -> None:
    """S9"""
    lab = Lab(returning(config_map("a")), engine="server-side-apply")
    lab.server.create(config_map("a", {"theirs": "yes"}, namespace="default"))
    parent = lab.widget()
    lab.run()
    assert owned_by(parent, lab.get("a"))
    assert lab.get("a")["data"] == {"theirs": "yes", "key": "value"}


def test_server_side_apply_fails_on_an_object_of_another_controller() -> None:
    """S9, section 3.11"""
    lab = Lab(returning(config_map("a")), engine="server-side-apply")
    other = {"apiVersion": "example.com/v1", "kind": "Widget", "name": "x", "uid": "other", "controller": True}
    lab.server.create(config_map("a", namespace="default", ownerReferences=[other]))
    lab.widget()
    lab.run()
    assert "Only one reference can have Controller set to true" in lab.loop.warnings[0].message
    assert lab.parent()["status"] == {"observedGeneration": 1}, "status is written all the same"


def test_a_child_that_lost_its_label_is_released_and_unmanaged_under_dynamic_apply() -> None:
    """S10"""
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
    """S10, section 3.3"""
    lab = Lab(returning(config_map("a")), engine="server-side-apply")
    parent = lab.widget()
    lab.run()
    lab.edit("a", lambda obj: obj["metadata"].pop("labels"))
    lab.run()
    assert owned_by(parent, lab.get("a"))


def test_an_orphan_with_the_label_is_adopted(engine: Engine) -> None:
    """Section 3.2"""
    lab = Lab(returning(config_map("a")), engine=engine)
    parent = lab.widget()
    lab.server.create(config_map("a", {"theirs": "yes"}, namespace="default", labels={"controller-uid": parent["metadata"]["uid"]}))
    lab.run()
    assert owned_by(parent, lab.get("a"))
    assert lab.get("a")["data"] == {"theirs": "yes", "key": "value"}


def test_an_adopted_child_that_is_not_wanted_is_deleted_in_the_same_sync(engine: Engine) -> None:
    """Section 3.2"""
    lab = Lab(returning(), engine=engine)
    parent = lab.widget()
    lab.server.create(config_map("a", namespace="default", labels={"controller-uid": parent["metadata"]["uid"]}))
    lab.loop.informers.deliver()
    lab.loop.step()
    assert not lab.exists("a")


def test_a_child_deleted_by_hand_is_made_again(engine: Engine) -> None:
    """S11"""
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.run()
    first = lab.get("a")["metadata"]["uid"]
    lab.server.delete(CONFIG_MAP, "default", "a")
    lab.run()
    assert lab.get("a")["metadata"]["uid"] != first


def test_a_terminating_child_is_left_alone_until_it_is_gone(engine: Engine) -> None:
    """S12"""
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
    assert lab.requests[-1][1]["children"]["ConfigMap.v1"]["default/a"]["metadata"]["deletionTimestamp"]
    lab.edit("a", lambda obj: obj["metadata"].pop("finalizers"))
    lab.run()
    assert lab.get("a")["data"] == {"key": "value"}


def test_a_conflict_is_swallowed_and_the_next_sync_mends() -> None:
    """S17"""
    lab = Lab(returning(config_map("a")))
    lab.widget()
    lab.run()
    lab.writes()
    lab.edit("a", lambda obj: obj["data"].update(key="mine"))
    lab.loop.informers.deliver()
    lab.edit("a", lambda obj: obj["data"].update(other="also mine"))
    assert lab.loop.step()
    assert lab.writes() == Counter({("update", "ConfigMap"): 1})
    assert lab.get("a")["data"]["key"] == "mine"
    assert not lab.loop.warnings
    lab.run()
    assert lab.get("a")["data"] == {"key": "value", "other": "also mine"}


def test_a_second_sync_that_does_not_see_the_child_yet_does_no_harm(engine: Engine) -> None:
    """S18"""
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.loop.informers.deliver()
    lab.loop.step()
    first = lab.get("a")
    lab.loop.sync(("default", "w"))
    assert lab.get("a") == first
    assert not lab.loop.warnings


def test_dynamic_apply_collapses_two_ports_of_one_number_and_is_refused() -> None:
    """S20"""
    dns = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]
    lab = Lab(returning(service("s", *dns)), rules={SERVICE: "InPlace"})
    lab.widget()
    lab.run()
    assert "spec.ports[1]: Duplicate value" in lab.loop.warnings[0].message


def test_server_side_apply_merges_two_ports_of_one_number() -> None:
    """S20, section 3.6"""
    dns = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]
    lab = Lab(returning(service("s", *dns)), engine="server-side-apply", rules={SERVICE: "InPlace"})
    lab.widget()
    lab.run()
    assert not lab.loop.warnings
    assert not lab.writes_of_one_sync()


def odd_quantity() -> dict[str, object]:
    child = deployment("d")
    child["spec"]["template"]["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "1000m"}}
    return child


def short_route() -> dict[str, object]:
    rules = [{"backendRefs": [{"name": "s", "port": 80}]}]
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "d"}, "spec": {"rules": rules}}


@pytest.mark.parametrize("child", [odd_quantity(), short_route(), deployment("d", minReadySeconds=0)], ids=["quantity", "list", "zero"])
def test_what_the_server_rewrites_costs_dynamic_apply_an_update_at_every_sync(child: dict[str, str]) -> None:
    """S21"""
    kind = Resource(child["apiVersion"], child["kind"], child["kind"].lower() + "s")
    lab = Lab(returning(child), rules={kind: "InPlace"})
    lab.widget()
    lab.run()
    version = lab.get("d", kind)["metadata"]["resourceVersion"]
    assert lab.writes_of_one_sync() == Counter({("update", child["kind"]): 1})
    assert lab.get("d", kind)["metadata"]["resourceVersion"] == version, "nothing is stored, so no loop"


def test_server_side_apply_does_not_mind_what_the_server_rewrites() -> None:
    """S21"""
    lab = Lab(returning(odd_quantity()), engine="server-side-apply", rules={DEPLOYMENT: "InPlace"})
    lab.widget()
    lab.run()
    assert not lab.writes_of_one_sync()


@pytest.mark.parametrize("value", [True, 1, None])
def test_a_label_that_is_no_string_aborts_the_sync(engine: Engine, value: object) -> None:
    """S22"""
    lab = Lab(returning(config_map("a", labels={"x": value}), config_map("b"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    assert not lab.writes()
    assert "invalid labels" in lab.loop.warnings[0].message


def test_dynamic_apply_loses_all_annotations_over_one_that_is_no_string() -> None:
    """S22"""
    lab = Lab(returning(config_map("a", annotations={"port": 9090, "other": "x"})))
    lab.widget()
    lab.run()
    assert list(lab.get("a")["metadata"]["annotations"]) == [LAST_APPLIED]


def test_server_side_apply_refuses_an_annotation_that_is_no_string() -> None:
    """S22"""
    lab = Lab(returning(config_map("a", annotations={"port": 9090})), engine="server-side-apply")
    lab.widget()
    lab.run()
    assert not lab.exists("a")
    assert "cannot unmarshal" in lab.loop.warnings[0].message


def test_a_label_that_contradicts_the_generated_one_aborts_the_sync(engine: Engine) -> None:
    """Section 3.3"""
    lab = Lab(returning(config_map("a", labels={"controller-uid": "x"})), engine=engine)
    lab.widget()
    lab.run()
    assert not lab.writes()
    assert "don't match parent selector" in lab.loop.warnings[0].message


def test_a_kind_that_is_not_listed_is_written_once_every_sync_and_never_seen(engine: Engine) -> None:
    """S23"""
    lab = Lab(returning(service("s", {"port": 80})), engine=engine)
    lab.widget()
    lab.run()
    assert lab.exists("s", SERVICE)
    assert lab.requests[-1][1]["children"] == {"ConfigMap.v1": {}}
    assert lab.writes_of_one_sync() == Counter({made(engine, "Service"): 1})


def test_a_kind_that_does_not_exist_fails_alone(engine: Engine) -> None:
    """Section 3.13"""
    strange = {"apiVersion": "example.com/v9", "kind": "Strange", "metadata": {"name": "s"}}
    lab = Lab(returning(strange, config_map("a"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    assert lab.exists("a")
    assert lab.parent()["status"]["fine"] is True
    assert "can't find kind Strange in apiVersion example.com/v9" in lab.loop.warnings[0].message


def test_a_listed_kind_that_disappears_fails_every_sync(engine: Engine) -> None:
    """Section 3.13"""
    lab = Lab(returning(config_map("a")), engine=engine, rules={CONFIG_MAP: "InPlace", DEPLOYMENT: "InPlace"})
    lab.widget()
    lab.run()
    lab.server.uninstall(DEPLOYMENT)
    lab.loop.resync()
    lab.run()
    assert "can't find resource deployments in apiVersion apps/v1" in lab.loop.warnings[0].message


def test_chance_order_leads_to_one_result(engine: Engine) -> None:
    """S25"""
    names = [f"c{number}" for number in range(6)]
    orders, results = set(), []
    for seed in range(5):
        lab = Lab(returning(*(config_map(name, {"name": name}) for name in names)), engine=engine, seed=seed)
        lab.widget()
        lab.run()
        made_in = sorted(names, key=lambda name: int(lab.get(name)["metadata"]["resourceVersion"]))
        orders.add(tuple(made_in))
        results.append({name: (lab.get(name)["data"], lab.get(name)["metadata"]["labels"]) for name in names})
    assert len(orders) > 1
    assert all(result == results[0] for result in results)


def test_of_two_entries_of_one_name_the_last_wins(engine: Engine) -> None:
    """Section 3.11"""
    lab = Lab(returning(config_map("a", {"n": "1"}), config_map("a", {"n": "2"})), engine=engine)
    lab.widget()
    lab.run()
    assert lab.get("a")["data"] == {"n": "2"}


def test_deletes_come_before_creates() -> None:
    """Section 3.1"""
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
    """Section 3.1"""
    rules = {DEPLOYMENT: "InPlace", CONFIG_MAP: "InPlace"}
    lab = Lab(returning(deployment("d"), config_map("c")), engine=engine, rules=rules)
    lab.widget()
    lab.run()
    assert int(lab.get("c")["metadata"]["resourceVersion"]) < int(lab.get("d", DEPLOYMENT)["metadata"]["resourceVersion"])


def test_one_failed_child_does_not_stop_the_others_nor_the_status(engine: Engine) -> None:
    """Section 3.1"""
    lab = Lab(returning(config_map("Bad_Name"), config_map("good"), status={"fine": True}), engine=engine)
    lab.widget()
    lab.run()
    assert lab.exists("good")
    assert lab.parent()["status"]["fine"] is True
    assert "Bad_Name" in lab.loop.warnings[0].message


@pytest.mark.parametrize("method", ["Recreate", "OnDelete", "InPlace"])
def test_dynamic_apply_follows_the_update_strategy(method: str) -> None:
    """Section 3.7"""
    lab = Lab(returning(config_map("a")), rules={CONFIG_MAP: method})
    lab.widget()
    lab.run()
    first = lab.get("a")["metadata"]["uid"]
    lab.hooks["sync"] = returning(config_map("a", {"key": "new"}))
    lab.loop.resync()
    lab.run()
    child = lab.get("a")
    assert child["data"]["key"] == ("value" if method == "OnDelete" else "new")
    assert (child["metadata"]["uid"] == first) == (method != "Recreate")


def test_server_side_apply_recreates_what_has_no_generation() -> None:
    """Section 3.6"""
    lab = Lab(returning(config_map("a")), engine="server-side-apply", rules={CONFIG_MAP: "Recreate"})
    lab.widget()
    lab.run()
    first = lab.get("a")["metadata"]["uid"]
    lab.hooks["sync"] = returning(config_map("a", {"key": "new"}))
    lab.loop.resync()
    lab.run()
    assert lab.get("a")["data"] == {"key": "new"}
    assert lab.get("a")["metadata"]["uid"] != first


def test_server_side_apply_cannot_recreate_what_has_a_generation() -> None:
    """Section 3.6"""
    lab = Lab(returning(deployment("d")), engine="server-side-apply", rules={DEPLOYMENT: "Recreate"})
    lab.widget()
    lab.run()
    lab.hooks["sync"] = returning(deployment("d", image="image:2"))
    lab.loop.resync()
    lab.run()
    assert "generation or UID changed during dry run" in lab.loop.warnings[0].message


def test_switching_to_server_side_apply_drops_the_annotation_and_keeps_the_rest() -> None:
    """Section 3.6"""
    lab = Lab(returning(config_map("a")))
    lab.widget()
    lab.run()
    assert LAST_APPLIED in lab.get("a")["metadata"]["annotations"]
    later = Lab(returning(config_map("a")), engine="server-side-apply")
    parent = later.widget()
    old = copied(lab.get("a"))
    for name in ("resourceVersion", "uid", "managedFields"):
        del old["metadata"][name]
    old["metadata"]["ownerReferences"][0]["uid"] = old["metadata"]["labels"]["controller-uid"] = parent["metadata"]["uid"]
    later.server.create(old, manager="metacontroller")
    later.run()
    child = later.get("a")
    assert "annotations" not in child["metadata"]
    assert {entry["operation"] for entry in child["metadata"]["managedFields"]} == {"Apply", "Update"}
    assert not later.writes_of_one_sync()


def test_generated_names_churn_for_ever() -> None:
    """Section 3.12"""
    nameless = config_map("x")
    nameless["metadata"] = {"generateName": "x-"}
    lab = Lab(returning(nameless))
    lab.widget()
    assert lab.loop.run(20) == 20

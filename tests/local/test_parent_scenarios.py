"""The contract's scenarios about parents: S13 to S16, S19, S24, S26 to S28, and what brings a sync about."""

from collections import Counter
from typing import Any

import pytest

from hooks.local.api import Object
from hooks.local.apiserver import ApiServer
from hooks.local.loop.children import Engine
from hooks.local.loop.composite import CreateError
from hooks.local.loop.transport import InProcess
from hooks.local.metacontroller import Metacontroller
from tests.local.lab import CONFIG_MAP, FINALIZER, WIDGET, WIDGETS, Hook, Lab, config_map, returning


def holding(times: int, *children: Object) -> Hook:
    """Return a finalize hook that says no a few times."""
    left = iter(range(times))
    return lambda _: {"children": list(children), "finalized": next(left, None) is None}


def test_without_a_finalize_hook_a_deleted_parent_is_just_gone(engine: Engine) -> None:
    """S13"""
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget()
    lab.run()
    calls = lab.calls()
    lab.server.delete(WIDGET, "default", "w")
    lab.run()
    assert lab.calls() == calls
    assert lab.exists("a")
    lab.garbage.collect()
    lab.run()
    assert not lab.exists("a")


def test_without_a_finalize_hook_sync_is_called_while_another_finalizer_holds_the_parent(engine: Engine) -> None:
    """Section 5: its status is written, its children are ignored"""
    lab = Lab(returning(config_map("a")), engine=engine)
    lab.widget(finalizers=["example.com/hold"])
    lab.run()
    lab.hooks["sync"] = returning(config_map("b"), status={"leaving": True})
    lab.server.delete(WIDGET, "default", "w")
    lab.run()
    name, request = lab.requests[-1]
    assert (name, request["finalizing"]) == ("sync", False)
    assert lab.parent()["status"]["leaving"] is True
    assert lab.exists("a")
    assert not lab.exists("b")


def test_the_finalizer_comes_first(engine: Engine) -> None:
    """Section 5"""
    lab = Lab(returning(config_map("a")), finalize=returning(), engine=engine)
    lab.widget()
    lab.run()
    assert lab.parent()["metadata"]["finalizers"] == [FINALIZER]
    assert lab.requests[0][1]["parent"]["metadata"]["finalizers"] == [FINALIZER], "the first call shows the parent as written"
    assert lab.writes()["update", "Widget"] == 1


def test_finalize_manages_children_until_it_says_finalized(engine: Engine) -> None:
    """S14"""
    lab = Lab(returning(config_map("a"), config_map("b")), finalize=holding(1, config_map("b")), engine=engine)
    lab.widget()
    lab.run()
    lab.server.delete(WIDGET, "default", "w")
    lab.loop.informers.deliver()
    lab.loop.step()
    assert lab.requests[-1][0] == "finalize"
    assert lab.requests[-1][1]["finalizing"] is True
    assert not lab.exists("a")
    assert lab.exists("b")
    lab.run()
    assert not lab.server.exists(WIDGET, "default", "w")
    lab.garbage.collect()
    assert not lab.exists("b")


def test_children_of_the_answer_that_finalizes_are_not_applied(engine: Engine) -> None:
    """S14"""
    lab = Lab(returning(), finalize=holding(0, config_map("late")), engine=engine)
    lab.widget(finalizers=["example.com/hold"])
    lab.run()
    lab.server.delete(WIDGET, "default", "w")
    lab.run()
    assert lab.parent()["metadata"]["finalizers"] == ["example.com/hold"]
    assert not lab.exists("late")


def test_finalize_goes_on_being_called_while_another_finalizer_holds_the_parent(engine: Engine) -> None:
    """Section 5"""
    lab = Lab(returning(), finalize=holding(0), engine=engine)
    lab.widget(finalizers=["example.com/hold"])
    lab.run()
    lab.server.delete(WIDGET, "default", "w")
    lab.run()
    calls = lab.calls("finalize")
    lab.loop.resync()
    lab.run()
    assert lab.calls("finalize") == calls + 1


def test_foreground_deletion_calls_finalize_and_ignores_its_children(engine: Engine) -> None:
    """S15"""
    lab = Lab(returning(config_map("a")), finalize=holding(1, config_map("a"), config_map("late")), engine=engine)
    lab.widget()
    lab.run()
    lab.server.delete(WIDGET, "default", "w", propagation="Foreground")
    lab.loop.informers.deliver()
    lab.loop.step()
    assert lab.requests[-1][0] == "finalize"
    assert not lab.exists("late")
    lab.garbage.collect()
    lab.run()
    lab.garbage.collect()
    assert not lab.exists("a")
    assert not lab.server.exists(WIDGET, "default", "w")


def test_orphaned_children_stay_and_are_not_adopted_by_a_new_parent_of_the_name() -> None:
    """Section 5"""
    lab = Lab(returning(config_map("a")))
    lab.widget()
    lab.run()
    lab.server.delete(WIDGET, "default", "w", propagation="Orphan")
    lab.garbage.collect()
    lab.run()
    assert not lab.server.exists(WIDGET, "default", "w")
    lab.widget()
    lab.run()
    assert "ownerReferences" not in lab.get("a")["metadata"]


def test_a_sync_that_says_finalized_makes_the_finalizer_flap() -> None:
    """S16"""
    lab = Lab(returning(finalized=True), finalize=returning())
    lab.widget()
    assert lab.loop.run(20) == 20
    assert lab.writes()["update", "Widget"] > 10


def test_a_finalizer_left_by_a_hook_that_is_gone_is_removed() -> None:
    """Section 5"""
    lab = Lab(returning())
    lab.widget(finalizers=[FINALIZER])
    lab.run()
    assert "finalizers" not in lab.parent()["metadata"]


def test_a_float_in_the_status_costs_a_write_at_every_sync() -> None:
    """S19"""
    lab = Lab(returning(status={"ratio": 1.0}), parent={"ignoreStatusChanges": True})
    lab.widget()
    lab.run()
    assert lab.writes_of_one_sync() == Counter({("update_status", "Widget"): 1})


def test_a_status_that_is_always_new_never_settles() -> None:
    """S19"""
    numbers = iter(range(1000))
    lab = Lab(lambda _: {"status": {"now": next(numbers)}})
    lab.widget()
    assert lab.loop.run(30) == 30


def test_a_status_that_is_always_new_costs_nothing_more_where_status_changes_are_ignored() -> None:
    """Section 1.2"""
    numbers = iter(range(1000))
    lab = Lab(lambda _: {"status": {"now": next(numbers)}}, parent={"ignoreStatusChanges": True})
    lab.widget()
    lab.run()
    assert lab.calls() == 1


def test_ignored_status_changes_let_edits_deletions_and_resyncs_through() -> None:
    """Section 1.2"""
    lab = Lab(returning(), parent={"ignoreStatusChanges": True})
    lab.widget(finalizers=["example.com/hold"])
    lab.run()
    changes: list[Any] = [
        lambda obj: obj["metadata"].update(labels={"a": "b"}),
        lambda obj: obj["metadata"].update(annotations={"a": "b"}),
        lambda obj: obj["spec"].update(a=1),
    ]
    for change in changes:
        calls = lab.calls()
        lab.edit("w", change, WIDGET)
        lab.run()
        assert lab.calls() == calls + 1
    calls = lab.calls()
    lab.server.delete(WIDGET, "default", "w")
    lab.run()
    assert lab.calls() > calls


def test_a_status_replaces_the_old_one_whole() -> None:
    """Section 4"""
    lab = Lab(returning(status={"a": 1, "b": {"c": 1}}))
    lab.widget()
    lab.run()
    lab.hooks["sync"] = returning(status={"b": {}, "observedGeneration": 99})
    lab.loop.resync()
    lab.run()
    assert lab.parent()["status"] == {"b": {}, "observedGeneration": 1}


def test_a_pruned_status_field_costs_a_write_at_every_sync() -> None:
    """Section 4"""
    lab = Lab(returning(status={"known": 1, "unknown": 1}))
    properties = {"known": {"type": "integer"}, "observedGeneration": {"type": "integer"}}
    version = WIDGETS["spec"]["versions"][0]  # type: ignore[index]
    schema = {"type": "object", "properties": {"status": {"type": "object", "properties": properties}}}
    lab.server.kinds.install({**WIDGETS, "spec": {**WIDGETS["spec"], "versions": [{**version, "schema": {"openAPIV3Schema": schema}}]}})  # type: ignore[dict-item]
    lab.widget()
    lab.run()
    assert lab.parent()["status"] == {"known": 1, "observedGeneration": 1}
    assert lab.writes_of_one_sync() == Counter({("update_status", "Widget"): 1})


def test_the_status_of_a_parent_that_was_replaced_meanwhile_is_not_written() -> None:
    """Section 4: the uid guard"""
    lab = Lab(returning(status={"old": True}))
    lab.widget()
    lab.loop.informers.deliver()
    lab.server.delete(WIDGET, "default", "w")
    lab.widget()
    lab.loop.step()
    assert "status" not in lab.parent()


def test_a_related_object_that_changes_brings_a_sync() -> None:
    """S24"""
    rules = {"relatedResources": [{"apiVersion": "v1", "resource": "secrets", "namespace": "default", "names": ["s"]}]}
    lab = Lab(lambda request: {"status": {"seen": len(request["related"]["Secret.v1"])}}, customize=lambda _: rules)
    lab.widget()
    lab.run()
    assert lab.parent()["status"]["seen"] == 0
    for name in ("s", "other"):
        lab.server.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "default"}})
    lab.run()
    assert lab.parent()["status"]["seen"] == 1
    calls = lab.calls()
    lab.server.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "third", "namespace": "default"}})
    lab.run()
    assert lab.calls() == calls, "an object that no rule selects does not matter"


def test_a_parent_that_loses_its_label_is_finalized_though_nobody_deletes_it() -> None:
    """S26"""
    lab = Lab(returning(config_map("a")), finalize=holding(1, config_map("a")), parent={"labelSelector": {"matchLabels": {"on": "yes"}}})
    lab.widget(labels={"on": "yes"})
    lab.run()
    lab.edit("w", lambda obj: obj["metadata"].pop("labels"), WIDGET)
    lab.loop.informers.deliver()
    lab.loop.step()
    name, request = lab.requests[-1]
    assert (name, request["finalizing"]) == ("finalize", True)
    assert "deletionTimestamp" not in request["parent"]["metadata"]


def test_a_parent_that_loses_its_label_is_ignored_where_nothing_finalizes() -> None:
    """S26"""
    lab = Lab(returning(config_map("a")), parent={"labelSelector": {"matchLabels": {"on": "yes"}}})
    lab.widget(labels={"on": "yes"})
    lab.run()
    calls = lab.calls()
    lab.edit("w", lambda obj: obj["metadata"].pop("labels"), WIDGET)
    lab.run()
    assert lab.calls() == calls
    assert lab.exists("a")


def test_a_429_is_asked_again_when_it_said_without_an_event() -> None:
    """S27"""
    lab = Lab(lambda _: (429, {"Retry-After": "7"}, b""))
    lab.widget()
    lab.run()
    assert lab.calls() == 1
    assert not lab.loop.warnings
    lab.hooks["sync"] = returning(config_map("a"))
    assert lab.later(6.9) == 0
    lab.later(0.2)
    assert lab.exists("a")
    assert lab.loop.queue.failures(("default", "w")) == 0


@pytest.mark.parametrize("header", [None, "0.5", "soon", "Wed, 31 Dec 2025 23:59:59 GMT"])
def test_a_429_without_a_good_time_makes_a_tight_loop(header: str | None) -> None:
    """S27, section 2.6"""
    lab = Lab(lambda _: (429, {"Retry-After": header} if header else {}, b""))
    lab.widget()
    assert lab.loop.run(20) == 20


def test_a_429_may_name_a_date() -> None:
    """Section 2.6"""
    lab = Lab(lambda _: (429, {"Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT"}, b""))
    lab.widget()
    lab.run()
    lab.hooks["sync"] = returning()
    assert lab.later(59) == 0
    assert lab.later(1) >= 1


def test_of_several_timers_the_earliest_stays() -> None:
    """S28"""
    waits = iter([300, 10, 300, 0, 0])
    lab = Lab(lambda _: {"resyncAfterSeconds": next(waits)}, parent={"ignoreStatusChanges": True})
    lab.widget()
    lab.run()
    for _ in range(2):
        lab.loop.resync()
        lab.run()
    assert lab.calls() == 3
    assert lab.later(9.9) == 0
    assert lab.later(0.2) == 1
    assert lab.later(500) == 0, "the later ones are forgotten"


def test_resync_period_brings_all_parents() -> None:
    """Section 1.1"""
    lab = Lab(returning(), resyncPeriodSeconds=60)
    lab.widget("a")
    lab.widget("b")
    lab.run()
    assert lab.later(59) == 0
    assert lab.later(1) == 2


@pytest.mark.parametrize("asked", [None, 7200])
def test_all_parents_come_every_half_hour_at_the_latest(asked: int | None) -> None:
    """Section 1.1"""
    lab = Lab(returning(), resyncPeriodSeconds=asked)
    lab.widget()
    lab.run()
    assert lab.later(1799) == 0
    assert lab.later(1) == 1


def test_back_off_doubles_up_to_a_thousand_seconds() -> None:
    """Section 2.7"""
    lab = Lab(lambda _: (500, {}, b""))
    lab.widget()
    lab.run()
    waits = []
    for _ in range(20):
        begun = lab.clock.now()
        lab.clock.advance_to(lab.loop.queue.next_timer() or begun)
        waits.append((lab.clock.now() - begun).total_seconds())
        lab.run()
    assert waits[:4] == [0.005, 0.01, 0.02, 0.04]
    assert waits[-1] == 1000


def test_an_event_does_not_wait_for_the_back_off() -> None:
    """Section 2.7"""
    lab = Lab(lambda _: (500, {}, b""))
    lab.widget()
    lab.run()
    lab.edit("w", lambda obj: obj["spec"].update(a=1), WIDGET)
    assert lab.run() == 1


@pytest.mark.parametrize("selector", [None, {}, {"matchLabels": {}}, "app=x"])
def test_an_empty_selector_is_refused(selector: object) -> None:
    """Section 3.2"""
    lab = Lab(returning(), generateSelector=False)
    widget = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "namespace": "default"},
        "spec": {"selector": selector},
    }
    lab.server.create(widget)
    lab.run()
    assert "must have either matchLabels, matchExpressions, or both" in lab.loop.warnings[0].message


def test_a_selector_of_the_parents_own_adopts_what_matches() -> None:
    """Section 3.2"""
    lab = Lab(returning(config_map("a", labels={"app": "w"})), generateSelector=False)
    spec = {"selector": {"matchLabels": {"app": "w"}}}
    lab.server.create({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "default"}, "spec": spec})
    lab.run()
    lab.server.create(config_map("stray", namespace="default", labels={"app": "w"}))
    lab.run()
    assert not lab.exists("stray"), "adopted, not wanted, deleted"
    assert lab.exists("a")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hooks": None}, "no hooks defined"),
        ({"hooks": {"sync": {"webhook": {}}}}, "neither url nor service"),
        ({"childResources": [{"apiVersion": "v1", "resource": "pigs"}]}, "can't find resource pigs"),
        ({"childResources": [{"apiVersion": "v1", "resource": "pods", "updateStrategy": {"method": "RollingInPlace"}}]}, "do not work"),
        ({"parentResource": {"apiVersion": "v1", "resource": "configmaps"}}, "does not have subresource 'Status' enabled"),
    ],
)
def test_a_controller_that_cannot_work_is_not_started(change: Object, message: str) -> None:
    """Section 1"""
    good = Lab(returning()).controller
    with pytest.raises(CreateError, match=message):
        Metacontroller(
            ApiServer(crds=[WIDGETS]),
            {**good, "spec": {**good["spec"], **change}},  # type: ignore[dict-item]
            InProcess(lambda _, __: (200, {}, b"{}")),
            clock=Lab(returning()).clock,
        )


def test_a_webhook_may_name_a_service() -> None:
    """Section 1.5"""
    paths: list[str] = []

    def hook(path: str, _: bytes) -> tuple[int, dict[str, str], bytes]:
        paths.append(path)
        return 200, {}, b"{}"

    lab = Lab(returning())
    webhook = {"service": {"name": "hooks", "namespace": "nim"}, "path": "/nimservice/sync?release=1"}
    controller = {**lab.controller, "spec": {**lab.controller["spec"], "hooks": {"sync": {"webhook": webhook}}}}  # type: ignore[dict-item]
    loop = Metacontroller(lab.server, controller, InProcess(hook), clock=lab.clock)
    assert loop.composite.hooks["sync"].url == "http://hooks.nim:80/nimservice/sync?release=1"
    lab.widget()
    loop.run()
    assert paths[0] == "/nimservice/sync?release=1"


def test_the_request_has_every_group_and_the_controller() -> None:
    """Section 2"""
    lab = Lab(returning(config_map("a")), rules={CONFIG_MAP: "InPlace"})
    lab.widget()
    lab.run()
    _, first = lab.requests[0]
    assert first["children"] == {"ConfigMap.v1": {}}
    assert first["related"] == {}
    assert first["finalizing"] is False
    assert first["controller"] == lab.controller
    assert first["parent"]["kind"] == "Widget"
    assert list(lab.requests[-1][1]["children"]["ConfigMap.v1"]) == ["default/a"]


def test_version_one_keys_children_by_name_alone() -> None:
    """Section 2.2"""
    lab = Lab(returning(config_map("a")), version="v1")
    lab.widget()
    lab.run()
    assert list(lab.requests[-1][1]["children"]["ConfigMap.v1"]) == ["a"]

"""Finalize: how a parent is deleted."""

from hooks.cluster.api import Object
from nimservice_simulator.metacontroller.children import Engine
from tests.simulator.lab import FINALIZER, WIDGET, Hook, Lab, config_map, returning


def holding(times: int, *children: Object) -> Hook:
    """Return a finalize hook that says no a few times."""
    left = iter(range(times))
    return lambda _: {"children": list(children), "finalized": next(left, None) is None}


def test_without_a_finalize_hook_a_deleted_parent_is_just_gone(engine: Engine) -> None:
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


def test_without_a_finalize_hook_sync_is_called_while_another_finalizer_holds_the_parent(
    engine: Engine,
) -> None:
    """Its status is written, its children are ignored"""
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
    lab = Lab(returning(config_map("a")), finalize=returning(), engine=engine)
    lab.widget()
    lab.run()
    assert lab.parent()["metadata"]["finalizers"] == [FINALIZER]
    assert lab.requests[0][1]["parent"]["metadata"]["finalizers"] == [FINALIZER], (
        "the first call shows the parent as written"
    )
    assert lab.writes()["update", "Widget"] == 1


def test_finalize_manages_children_until_it_says_finalized(engine: Engine) -> None:
    lab = Lab(
        returning(config_map("a"), config_map("b")),
        finalize=holding(1, config_map("b")),
        engine=engine,
    )
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
    lab = Lab(returning(), finalize=holding(0, config_map("late")), engine=engine)
    lab.widget(finalizers=["example.com/hold"])
    lab.run()
    lab.server.delete(WIDGET, "default", "w")
    lab.run()
    assert lab.parent()["metadata"]["finalizers"] == ["example.com/hold"]
    assert not lab.exists("late")


def test_finalize_goes_on_being_called_while_another_finalizer_holds_the_parent(
    engine: Engine,
) -> None:
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
    lab = Lab(
        returning(config_map("a")),
        finalize=holding(1, config_map("a"), config_map("late")),
        engine=engine,
    )
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
    lab = Lab(returning(finalized=True), finalize=returning())
    lab.widget()
    assert lab.loop.run(20) == 20
    assert lab.writes()["update", "Widget"] > 10


def test_a_finalizer_left_by_a_hook_that_is_gone_is_removed() -> None:
    lab = Lab(returning())
    lab.widget(finalizers=[FINALIZER])
    lab.run()
    assert "finalizers" not in lab.parent()["metadata"]


def test_a_parent_that_loses_its_label_is_finalized_though_nobody_deletes_it() -> None:
    lab = Lab(
        returning(config_map("a")),
        finalize=holding(1, config_map("a")),
        parent={"labelSelector": {"matchLabels": {"on": "yes"}}},
    )
    lab.widget(labels={"on": "yes"})
    lab.run()
    lab.edit("w", lambda obj: obj["metadata"].pop("labels"), WIDGET)
    lab.loop.informers.deliver()
    lab.loop.step()
    name, request = lab.requests[-1]
    assert (name, request["finalizing"]) == ("finalize", True)
    assert "deletionTimestamp" not in request["parent"]["metadata"]


def test_a_parent_that_loses_its_label_is_ignored_where_nothing_finalizes() -> None:
    lab = Lab(returning(config_map("a")), parent={"labelSelector": {"matchLabels": {"on": "yes"}}})
    lab.widget(labels={"on": "yes"})
    lab.run()
    calls = lab.calls()
    lab.edit("w", lambda obj: obj["metadata"].pop("labels"), WIDGET)
    lab.run()
    assert lab.calls() == calls
    assert lab.exists("a")

"""Parent status: written whole and only when it differs."""

from collections import Counter
from typing import Any

from tests.simulator.lab import WIDGET, WIDGETS, Lab, returning


def test_a_float_in_the_status_costs_a_write_at_every_sync() -> None:
    lab = Lab(returning(status={"ratio": 1.0}), parent={"ignoreStatusChanges": True})
    lab.widget()
    lab.run()
    assert lab.writes_of_one_sync() == Counter({("update_status", "Widget"): 1})


def test_a_status_that_is_always_new_never_settles() -> None:
    numbers = iter(range(1000))
    lab = Lab(lambda _: {"status": {"now": next(numbers)}})
    lab.widget()
    assert lab.loop.run(30) == 30


def test_a_status_that_is_always_new_costs_nothing_more_where_status_changes_are_ignored() -> None:
    numbers = iter(range(1000))
    lab = Lab(lambda _: {"status": {"now": next(numbers)}}, parent={"ignoreStatusChanges": True})
    lab.widget()
    lab.run()
    assert lab.calls() == 1


def test_ignored_status_changes_let_edits_deletions_and_resyncs_through() -> None:
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
    lab = Lab(returning(status={"a": 1, "b": {"c": 1}}))
    lab.widget()
    lab.run()
    lab.hooks["sync"] = returning(status={"b": {}, "observedGeneration": 99})
    lab.loop.resync()
    lab.run()
    assert lab.parent()["status"] == {"b": {}, "observedGeneration": 1}


def test_a_pruned_status_field_costs_a_write_at_every_sync() -> None:
    lab = Lab(returning(status={"known": 1, "unknown": 1}))
    properties = {"known": {"type": "integer"}, "observedGeneration": {"type": "integer"}}
    version = WIDGETS["spec"]["versions"][0]  # type: ignore[index]
    schema = {
        "type": "object",
        "properties": {"status": {"type": "object", "properties": properties}},
    }
    lab.server.kinds.install(
        {
            **WIDGETS,
            "spec": {
                **WIDGETS["spec"],
                "versions": [{**version, "schema": {"openAPIV3Schema": schema}}],
            },
        }
    )  # type: ignore[dict-item]
    lab.widget()
    lab.run()
    assert lab.parent()["status"] == {"known": 1, "observedGeneration": 1}
    assert lab.writes_of_one_sync() == Counter({("update_status", "Widget"): 1})


def test_the_status_of_a_parent_that_was_replaced_meanwhile_is_not_written() -> None:
    """The uid guard"""
    lab = Lab(returning(status={"old": True}))
    lab.widget()
    lab.loop.informers.deliver()
    lab.server.delete(WIDGET, "default", "w")
    lab.widget()
    lab.loop.step()
    assert "status" not in lab.parent()

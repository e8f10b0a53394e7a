"""Customize: which related objects a parent gets, and which rules are refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from hooks.cluster.api import Object
from tests.simulator.lab import WIDGET, Lab, returning

ALL = ["default/a", "default/b", "other/a"]


def related(rule: Mapping[str, Any]) -> list[str]:
    """Return the keys of the Secrets that a rule gives to a parent in ``default``."""
    lab = Lab(
        returning(),
        customize=lambda _: {
            "relatedResources": [{"apiVersion": "v1", "resource": "secrets", **rule}]
        },
    )
    lab.server.create(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "other", "labels": {"team": "x"}},
        }
    )
    for namespace, name, labels in (
        ("default", "a", {"app": "x"}),
        ("default", "b", {}),
        ("other", "a", {"app": "x"}),
    ):
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        lab.server.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata})
    lab.widget()
    lab.run()
    if lab.loop.warnings:
        return [lab.loop.warnings[0].message]
    return sorted(lab.requests[-1][1]["related"]["Secret.v1"])


LABELS = {"matchLabels": {"app": "x"}}
SPACES = {"matchLabels": {"team": "x"}}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"namespaceSelector": SPACES}, ["other/a"]),
        ({"namespaceSelector": SPACES, "labelSelector": {"matchLabels": {"app": "y"}}}, []),
        ({"namespace": "default", "labelSelector": LABELS}, ["default/a"]),
        ({"namespace": "default", "names": ["b"]}, ["default/b"]),
        ({"namespace": "default"}, ["default/a", "default/b"]),
        ({"names": ["a"]}, ["default/a", "other/a"]),
        ({"labelSelector": LABELS}, ["default/a", "other/a"]),
        (
            {"labelSelector": {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}},
            ["default/b"],
        ),
        ({}, ALL),
        ({"names": []}, ALL),
        ({"names": None}, ALL),
        ({"namespace": ""}, ALL),
        ({"namespace": "other", "names": []}, ["other/a"]),
    ],
)
def test_a_rule_selects(rule: Mapping[str, Any], found: list[str]) -> None:
    assert related(rule) == found


@pytest.mark.parametrize(
    "rule",
    [
        {"names": ["a"], "labelSelector": LABELS},
        {"names": ["a"], "namespaceSelector": SPACES},
        {"namespace": "default", "namespaceSelector": SPACES},
        {"resource": "namespaces", "namespaceSelector": SPACES},
        {"resource": "pigs"},
        {"labelSelector": {"matchExpressions": [{"key": "a", "operator": "Near"}]}},
        {"labelSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": []}]}},
    ],
)
def test_a_rule_that_cannot_be_fails_the_sync(rule: Mapping[str, Any]) -> None:
    assert related(rule)[0].startswith("Sync error: ")


def rule_lab(**options: Any) -> Lab:
    rules = {
        "relatedResources": [
            {"apiVersion": "v1", "resource": "secrets", "namespace": "default", "names": ["s"]}
        ]
    }
    return Lab(returning(), customize=lambda _: rules, **options)


def secret(name: str = "s") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "default"},
    }


def test_rules_are_asked_once_for_each_generation_and_again_after_twenty_minutes() -> None:
    lab = rule_lab()
    lab.widget()
    lab.run()
    assert lab.calls("customize") == 1
    lab.edit("w", lambda obj: obj["metadata"].update(labels={"a": "b"}), WIDGET)
    lab.run()
    assert lab.calls("customize") == 1
    lab.edit("w", lambda obj: obj["spec"].update(a=1), WIDGET)
    lab.run()
    assert lab.calls("customize") == 2
    lab.clock.advance(1201)
    lab.loop.resync()
    lab.run()
    assert lab.calls("customize") == 3


def test_a_related_event_asks_for_rules_that_are_not_known() -> None:
    lab = rule_lab()
    lab.widget()
    lab.run()
    lab.clock.advance(1201)
    lab.server.create(secret())
    lab.run()
    assert lab.calls("customize") == 2
    assert list(lab.requests[-1][1]["related"]["Secret.v1"]) == ["default/s"]


def test_a_related_event_is_lost_while_the_customize_hook_fails() -> None:
    lab = rule_lab()
    lab.widget()
    lab.run()
    calls = lab.calls()
    lab.clock.advance(1201)
    lab.hooks["customize"] = lambda _: (500, {}, b"")
    lab.server.create(secret())
    lab.run()
    assert lab.calls() == calls


def test_a_related_object_that_stops_matching_brings_a_sync_too() -> None:
    """Old and new are matched"""
    rules = {
        "relatedResources": [
            {
                "apiVersion": "v1",
                "resource": "secrets",
                "namespace": "default",
                "labelSelector": LABELS,
            }
        ]
    }
    lab = Lab(returning(), customize=lambda _: rules)
    lab.server.create({**secret(), "metadata": {**secret()["metadata"], "labels": {"app": "x"}}})
    lab.widget()
    lab.run()
    calls = lab.calls()
    lab.server.edit(
        WIDGET._replace(api_version="v1", kind="Secret"),
        "default",
        "s",
        lambda obj: obj["metadata"].pop("labels"),
    )
    lab.run()
    assert lab.calls() == calls + 1
    assert lab.requests[-1][1]["related"] == {"Secret.v1": {}}


def test_customize_is_asked_for_deleting_parents_too() -> None:
    lab = rule_lab(finalize=lambda _: {"finalized": False})
    lab.widget()
    lab.run()
    calls = lab.calls("customize")
    lab.server.delete(WIDGET, "default", "w")
    lab.run()
    assert lab.calls("customize") == calls + 1
    assert lab.requests[-1][1]["related"] == {"Secret.v1": {}}


def test_a_failing_customize_hook_fails_the_sync() -> None:
    lab = rule_lab()
    lab.hooks["customize"] = lambda _: (500, {}, b"no")
    lab.widget()
    lab.run()
    assert lab.calls() == 0
    assert "customize hook failed" in lab.loop.warnings[0].message

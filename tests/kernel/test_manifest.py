"""Manifests: plain data in the form in which the API server keeps it."""

import pytest

from hooks.kernel import manifest
from hooks.kernel.quantity import InvalidQuantity


def test_what_is_none_or_an_empty_list_is_left_out_at_every_depth():
    given = {"a": None, "b": [], "c": {"d": None, "e": [{"f": None, "g": 1}]}}
    assert manifest.without_none(given) == {"c": {"e": [{"g": 1}]}}


@pytest.mark.parametrize("kept", [0, False, "", {}, [""]])
def test_what_has_a_meaning_though_it_looks_empty_is_kept(kept):
    assert manifest.without_none({"emptyDir": kept}) == {"emptyDir": kept}


def test_the_copy_shares_nothing_that_could_be_written_to():
    given = {"labels": {"app": "llama"}, "list": [{"name": "a"}]}
    copied = manifest.without_none(given)
    copied["labels"]["app"] = "other"
    copied["list"][0]["name"] = "b"
    assert given == {"labels": {"app": "llama"}, "list": [{"name": "a"}]}


def test_a_later_item_takes_the_place_of_an_earlier_one_of_its_name():
    merged = manifest.merge_by_name(
        [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}], [{"name": "a", "value": "3"}]
    )
    assert merged == [{"name": "a", "value": "3"}, {"name": "b", "value": "2"}]


def test_a_name_occurs_once_even_if_one_list_has_it_twice():
    assert manifest.merge_by_name([{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]) == [
        {"name": "a", "value": "2"}
    ]


def test_an_override_can_refer_to_a_variable_that_comes_later():
    standard = [{"name": "CACHE", "value": "/a"}, {"name": "LEVEL", "value": "INFO"}]
    user = [{"name": "BASE", "value": "/b"}, {"name": "CACHE", "value": "$(BASE)/cache"}]
    assert [each["name"] for each in manifest.merge_by_name(standard, user)] == [
        "LEVEL",
        "BASE",
        "CACHE",
    ]


@pytest.mark.parametrize("value", ["$(PORT)", "$(PATH)/$(PORT)", "$PATH", "$(MISSING)"])
def test_an_override_stays_in_place_where_it_refers_to_itself_or_to_what_comes_before(value):
    standard = [
        {"name": "PORT", "value": "1"},
        {"name": "PATH", "value": "2"},
        {"name": "LEVEL", "value": "3"},
    ]
    assert [
        each["name"]
        for each in manifest.merge_by_name(standard, [{"name": "PATH", "value": value}])
    ] == ["PORT", "PATH", "LEVEL"]


def test_an_override_stays_in_place_where_others_may_refer_to_it():
    standard = [{"name": "PORT", "value": "8000"}, {"name": "URL", "value": "localhost:$(PORT)"}]
    merged = manifest.merge_by_name(standard, [{"name": "PORT", "value": "9000"}])
    assert [each["name"] for each in merged] == ["PORT", "URL"]


def test_amounts_are_canonical():
    assert manifest.quantities({"cpu": "1000m", "memory": "1024Mi", "nvidia.com/gpu": 1}) == {
        "cpu": "1",
        "memory": "1Gi",
        "nvidia.com/gpu": "1",
    }


@pytest.mark.parametrize("none", [None, {}])
def test_no_amounts_are_none(none):
    assert manifest.quantities(none) is None


def test_an_amount_that_is_none_is_an_error():
    with pytest.raises(InvalidQuantity):
        manifest.quantities({"cpu": "much"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"name": "A", "value": "1"}, {"name": "A", "value": "1"}),
        ({"name": "A", "value": ""}, {"name": "A"}),
        ({"name": "A"}, {"name": "A"}),
        ({"name": "A", "valueFrom": {}}, {"name": "A"}),
        (
            {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            {
                "name": "A",
                "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}},
            },
        ),
        (
            {"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
            {
                "name": "A",
                "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "0"}},
            },
        ),
        (
            {
                "name": "A",
                "valueFrom": {
                    "resourceFieldRef": {"resource": "limits.memory", "divisor": "1024Ki"}
                },
            },
            {
                "name": "A",
                "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}},
            },
        ),
        (
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        ),
    ],
)
def test_a_variable_reads_as_it_is_stored(given, kept):
    assert manifest.env_var(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            {"httpGet": {"path": "/x", "port": 1}, "initialDelaySeconds": 0},
            {"httpGet": {"path": "/x", "port": 1}},
        ),
        (
            {"exec": {"command": ["true"]}, "periodSeconds": 5},
            {"exec": {"command": ["true"]}, "periodSeconds": 5},
        ),
        ({"grpc": {"port": 9000}}, {"grpc": {"port": 9000, "service": ""}}),
        ({"grpc": {"port": 9000, "service": "llm"}}, {"grpc": {"port": 9000, "service": "llm"}}),
        (
            {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 0},
            {"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 0},
        ),
    ],
)
def test_a_probe_reads_as_it_is_stored(given, kept):
    assert manifest.probe(given) == kept


def test_a_toleration_loses_its_empty_strings_and_keeps_its_seconds():
    """Q7: the reference drops ``tolerationSeconds``."""
    given = {
        "key": "gpu",
        "operator": "Exists",
        "value": "",
        "effect": "NoExecute",
        "tolerationSeconds": 0,
    }
    assert manifest.toleration(given) == {
        "key": "gpu",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": 0,
    }

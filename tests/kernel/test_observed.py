"""Observed: facts out of what others wrote; what has an odd shape counts as absent."""

from datetime import UTC, datetime

import pytest

from hooks.kernel import observed

ODD = (None, 7, 0.5, True, "x", [], {}, [7], ["x"], {"a": 1})
READERS = {
    observed.mapping: (dict, {}),
    observed.mappings: (list, []),
    observed.text: (str, ""),
    observed.texts: (list, []),
    observed.number: (int, 0),
}
OBJECTS = {
    observed.metadata: {},
    observed.name: "",
    observed.labels: {},
    observed.annotations: {},
    observed.deleted: False,
    observed.spec: {},
    observed.status: {},
}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("value", ODD, ids=str)
def test_a_value_of_another_shape_is_empty(reader, value):
    kind, empty = READERS[reader]
    found = reader(value)
    assert type(found) is kind
    assert found in (empty, value)


@pytest.mark.parametrize("reader", OBJECTS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("value", ODD, ids=str)
def test_an_object_with_odd_parts_has_none_of_them(reader, value):
    for manifest in (
        {},
        {"metadata": value, "spec": value, "status": value},
        {"metadata": {"name": value, "labels": value, "deletionTimestamp": value}},
    ):
        assert reader(manifest) in (OBJECTS[reader], value, manifest.get("metadata"), value == "x")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T13:00:00.5+01:00", datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (7, None),
        (None, None),
        ([], None),
    ],
)
def test_a_time_that_cannot_be_read_is_none(given, told):
    assert observed.moment(given) == told


@pytest.mark.parametrize("conditions", [None, 7, {}, [], [7, None], [{"type": []}], "Ready"])
def test_a_condition_is_empty_where_there_is_none_of_its_type(conditions):
    assert observed.condition({"status": {"conditions": conditions}}, "Ready") == {}


def test_a_condition_is_found_among_odd_ones():
    ready = {"type": "Ready", "status": "True"}
    assert (
        observed.condition({"status": {"conditions": [7, {"type": {}}, ready]}}, "Ready") == ready
    )


@pytest.mark.parametrize("labels", [None, 7, [], {"app": []}, {"app": {"a": 1}}])
def test_odd_labels_are_nobodys(labels):
    assert not observed.carries({"metadata": {"labels": labels}}, {"app": "llama"})
    assert observed.carries({"metadata": {"labels": {"app": "llama", "b": 7}}}, {"app": "llama"})

"""Three-way merge: dynamic apply's rules, case by case."""

from typing import Any

import pytest

from hooks.kernel import threeway


def merged(observed: Any, last: Any, desired: Any) -> Any:
    """Merge one field; ``...`` means absent."""
    fields = ({} if value is ... else {"field": value} for value in (observed, last, desired))
    return threeway.merged(*fields).get("field", ...)


@pytest.mark.parametrize(
    ("observed", "last", "desired", "result"),
    [
        pytest.param("theirs", ..., ..., "theirs", id="a field never mentioned is kept"),
        pytest.param("ours", "ours", ..., ..., id="a field no longer desired is removed"),
        pytest.param("theirs", "ours", "ours", "ours", id="a scalar is set"),
        pytest.param(..., ..., "ours", "ours", id="a missing field is set"),
        pytest.param(None, ..., "ours", "ours", id="a null is overwritten"),
        pytest.param(
            {"a": 1, "b": 2},
            {"a": 1},
            {},
            {"b": 2},
            id="in a map what was applied goes, what others set stays",
        ),
        pytest.param(
            {"a": {"theirs": 1}}, {"a": {}}, {}, {}, id="a key goes with everything under it"
        ),
        pytest.param({"a": 1}, {}, {"b": 2}, {"a": 1, "b": 2}, id="maps merge"),
        pytest.param("theirs", ..., None, None, id="a desired null over a scalar sets null"),
        pytest.param(..., ..., None, None, id="a desired null over nothing sets null"),
        pytest.param(
            {"ours": 1, "default": 2},
            {"ours": 1},
            None,
            {"default": 2},
            id="a desired null over a map keeps defaults",
        ),
        pytest.param({"a": 1}, ..., "scalar", {"a": 1}, id="a scalar over a map changes nothing"),
        pytest.param(
            [{"name": "a"}],
            ...,
            {"x": 1},
            [{"name": "a"}],
            id="a map over a list with keys changes nothing",
        ),
        pytest.param({"a": 1}, {"a": 1}, [1], {}, id="a list over a map removes what was applied"),
        pytest.param(
            {"a": 1},
            "scalar",
            {"b": 2},
            {"a": 1, "b": 2},
            id="a last value of another type counts as empty",
        ),
        pytest.param([1, 2], [1], [3], [3], id="a list of scalars is replaced"),
        pytest.param(
            [{"x": 1}], [], [{"x": 2}], [{"x": 2}], id="a list without a known key is replaced"
        ),
        pytest.param(
            [{"name": "a", "theirs": 1}],
            [],
            [{"name": "a", "ours": 2}],
            [{"name": "a", "theirs": 1, "ours": 2}],
            id="items merge by key",
        ),
        pytest.param(
            [{"name": "theirs"}],
            [],
            [{"name": "ours"}],
            [{"name": "theirs"}, {"name": "ours"}],
            id="new items come last",
        ),
        pytest.param(
            [{"name": "a"}, {"name": "b"}],
            [{"name": "a"}],
            [{"name": "c"}],
            [{"name": "b"}, {"name": "c"}],
            id="items once applied go",
        ),
        pytest.param(
            [{"name": "a"}, {"name": "b"}],
            [],
            [{"name": "b"}, {"name": "a"}],
            [{"name": "a"}, {"name": "b"}],
            id="observed order stays",
        ),
        pytest.param(
            [{"name": "a"}, {"name": "b"}],
            [{"name": "a"}],
            [],
            [{"name": "b"}],
            id="an empty list removes what was applied",
        ),
        pytest.param([], [], [], [], id="empty lists stay empty"),
        pytest.param(
            [{"name": "a"}, "odd"],
            [],
            [{"name": "b"}],
            [{"name": "b"}],
            id="one odd item and the list is replaced",
        ),
        pytest.param(
            [{"name": "a"}],
            [{"x": 1}],
            [{"name": "b"}],
            [{"name": "b"}],
            id="the key must be in the last items too",
        ),
        pytest.param(
            [{"port": 80}],
            [],
            [{"port": "80", "new": 1}],
            [{"port": "80", "new": 1}],
            id="80 and '80' are one key",
        ),
    ],
)
def test_merge(observed: Any, last: Any, desired: Any, result: Any) -> None:
    assert merged(observed, last, desired) == result


def test_items_of_one_key_collapse_to_the_last_in_every_slot() -> None:
    ports = [{"port": 53, "name": "udp"}, {"port": 53, "name": "tcp"}]
    assert merged(ports, ports, ports) == [ports[1], ports[1]]


@pytest.mark.parametrize(
    ("items", "key"),
    [
        ([{"containerPort": 1, "name": "a", "protocol": "TCP"}], "containerPort"),
        ([{"port": 1, "name": "a"}], "port"),
        ([{"mountPath": "/a", "name": "a"}], "mountPath"),
        ([{"name": "a", "uid": "u"}], "name"),
        ([{"uid": "u", "kind": "x"}], "uid"),
        ([{"ip": "1.2.3.4"}], "ip"),
        ([{"path": "/a"}], "path"),
        ([{"port": 1, "name": "a"}, {"name": "b"}], "name"),
        ([{"key": "a"}], None),
        ([{"name": "a"}, {}], None),
        ([{"name": "a"}, 1], None),
        ([], None),
    ],
)
def test_the_merge_key_is_the_first_known_one_that_all_items_have(
    items: list[Any], key: str | None
) -> None:
    assert threeway.merge_key(items) == key

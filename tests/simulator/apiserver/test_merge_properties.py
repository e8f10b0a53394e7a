"""Merge properties: what holds for any objects, under either engine."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hooks.cluster.api import Object
from hooks.kernel import threeway
from hooks.kernel.values import same
from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.lab import deployment

SCALARS = st.one_of(st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a", "b"]))
NAMES = st.sampled_from(["a", "b", "c", "d"])
KEYED = st.lists(
    st.fixed_dictionaries({"name": NAMES}, optional={"value": SCALARS}),
    max_size=3,
    unique_by=lambda item: item["name"],
)
LEAVES = st.one_of(SCALARS, KEYED, st.lists(SCALARS, max_size=3))
MAPS = st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6)
OBJECTS = st.dictionaries(NAMES, MAPS, max_size=4)
FAST = settings(max_examples=40, deadline=None, derandomize=True)


def of_one_kind(value: Any) -> Any:
    """Return the shape of a value: objects merge predictably only while a field keeps its type."""
    if isinstance(value, dict):
        return {key: of_one_kind(item) for key, item in value.items()}
    return "list" if isinstance(value, list) else "scalar"


def agree(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        return all(agree(left[key], right[key]) for key in left.keys() & right.keys())
    return bool(left == right)


@FAST
@given(OBJECTS, OBJECTS, OBJECTS)
def test_a_merge_is_settled_by_itself(observed: Object, last: Object, desired: Object) -> None:
    if not agree(of_one_kind(observed), of_one_kind(desired)):
        return
    once = threeway.merged(observed, last, desired)
    assert same(threeway.merged(once, desired, desired), once)


@FAST
@given(OBJECTS, OBJECTS)
def test_nothing_applied_and_nothing_desired_changes_nothing(
    observed: Object, last: Object
) -> None:
    assert same(threeway.merged(observed, {}, {}), observed)
    assert not set(threeway.merged(observed, last, {})) & set(last)


@FAST
@given(OBJECTS)
def test_what_is_desired_of_nothing_is_taken_as_it_is(desired: Object) -> None:
    assert same(threeway.merged({}, {}, desired), desired)


ENVIRONMENTS = st.lists(
    st.fixed_dictionaries({"name": NAMES, "value": st.sampled_from(["x", "y"])}),
    max_size=4,
    unique_by=lambda variable: variable["name"],
)


def with_environment(environment: list[Object], replicas: int | None) -> Object:
    child = deployment("d", **({} if replicas is None else {"replicas": replicas}))
    child["metadata"]["namespace"] = "default"
    child["spec"]["template"]["spec"]["containers"][0]["env"] = environment
    return child


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(ENVIRONMENTS, st.sampled_from([None, 1, 2])), min_size=1, max_size=3))
def test_the_last_of_several_applies_is_as_if_it_were_the_only_one(
    history: list[tuple[list[Object], int | None]],
) -> None:
    server, fresh = ApiServer(), ApiServer()
    for environment, replicas in history:
        stored = server.apply(with_environment(environment, replicas), manager="me")
    only = fresh.apply(with_environment(*history[-1]), manager="me")
    assert same(stored["spec"], only["spec"])
    assert stored["metadata"]["managedFields"] == only["metadata"]["managedFields"]
    assert same(server.apply(with_environment(*history[-1]), manager="me"), stored)

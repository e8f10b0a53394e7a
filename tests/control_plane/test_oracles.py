"""Oracles: nobody says what an edit is to lead to, but it ends where a fresh apply does, and taken
back it ends where it began.

So every field can be tried, in the manner of Acto, a tester of operators (SOSP 2023).
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from hooks.cluster.api import ApiError, Object
from hooks.nimservice import kinds
from hooks.preview import render
from hooks.resources import Settings
from tests.control_plane import edits
from tests.control_plane.cluster import USER, readable
from tests.control_plane.edits import Edit, Result, unlike
from tests.control_plane.situations import nimservice
from tests.control_plane.stage import Stage, writes_at_rest
from tests.control_plane.stored import as_children, children_by_owner, differences
from tests.fields import table, tried

WITHOUT_EFFECT = {"multiNode.backendType", "sidecarContainers[].restartPolicy"}
"""There is one to choose; and the hooks refuse it."""

KNOWN = {
    # A checksum replaces the picker's pods when the configuration is not that any more which its
    # ConfigMap was made with.
    r"expose\.router\.eppConfig\.config\..*": (
        r"ConfigMap \S+-epp-config\.data\.made-with|Deployment \S+-epp\.spec\.template\.metadata\.annotations.*"
    ),
}
"""Fields, and where their edit rightly ends elsewhere than a fresh apply."""

_number = itertools.count(1)


class Outcome(NamedTuple):
    """What became of every NIMService, by its name, and what the API server said against edits."""

    tried: list[Edit]
    began: dict[str, Result]
    edited: dict[str, Result]
    back: dict[str, Result]
    fresh: dict[str, Result]
    refused: dict[str, str]
    refused_back: dict[str, str]
    stage: Stage
    stage_of_fresh: Stage


@pytest.fixture(scope="module")
def outcome(player, cluster):
    """Make every edit and take it back; in another namespace, make what it leads to from the
    start."""
    chosen = edits.every()
    with at_work(player, cluster) as stage, at_work(player, cluster) as fresh:
        create(fresh, {each.name: each.after for each in chosen})
        create(stage, {each.name: each.before for each in chosen})
        began = edits.results(stage)
        refused = edit(stage, {each.name: each.after for each in chosen})
        edited = edits.results(stage)
        refused_back = edit(
            stage, {each.name: each.before for each in chosen if each.name not in refused}
        )
        yield Outcome(
            chosen,
            began,
            edited,
            edits.results(stage),
            edits.results(fresh),
            refused,
            refused_back,
            stage,
            fresh,
        )


@contextmanager
def at_work(player, cluster) -> Iterator[Stage]:
    """Give a namespace with everything that the edits name, and Metacontroller at work in it."""
    namespace = f"edits-{next(_number)}"
    cluster.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, manager=USER
    )
    for obj in related(namespace):
        cluster.put(obj)
    stage = player(namespace)
    try:
        yield stage
    finally:
        stage.close()


def related(namespace: str) -> list[Object]:
    return [
        {**obj, "metadata": {"name": obj["metadata"]["name"], "namespace": namespace}}
        for obj in tried.related()
    ]


def create(stage: Stage, specs: dict[str, Object]) -> None:
    nims = [{**nimservice(stage.namespace, name), "spec": spec} for name, spec in specs.items()]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(stage.cluster.put, nims))
    stage.settle()


def edit(stage: Stage, specs: dict[str, Object]) -> dict[str, str]:
    """Give NIMServices other specs, and return what the API server refuses."""

    def become(name: str) -> str:
        try:
            stage.cluster.edit(
                kinds.NIM_SERVICE, stage.namespace, name, lambda nim: nim.update(spec=specs[name])
            )
        except ApiError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(4) as threads:
        refused = dict(zip(specs, threads.map(become, specs), strict=True))
    stage.settle()
    return {name: words for name, words in refused.items() if words}


def differing(
    chosen: Iterable[Edit], one: dict[str, Result], other: dict[str, Result]
) -> dict[str, list[str]]:
    """Return where the results of edits differ that should not, by their fields."""
    found = {}
    for each in chosen:
        known = "|".join(
            places
            for fields, places in KNOWN.items()
            if any(re.fullmatch(fields, field) for field in each.fields)
        )
        if places := [
            place
            for place in unlike(one[each.name], other[each.name])
            if not re.fullmatch(known, place)
        ]:
            found[each.name, each.fields] = places
    return found


def test_every_field_is_tried():
    assert (
        set(table.ROWS) - {field for each in edits.every() for field in each.fields}
        == WITHOUT_EFFECT
    )


def test_an_edit_ends_where_a_fresh_apply_does(outcome):
    taken = [each for each in outcome.tried if not each.fixed]
    assert differing(taken, outcome.edited, outcome.fresh) == {}


def test_an_edit_that_is_taken_back_ends_where_it_began(outcome):
    taken = [each for each in outcome.tried if each.name not in outcome.refused_back]
    assert {
        each: places
        for each in taken
        if (places := unlike(outcome.back[each.name], outcome.began[each.name]))
    } == {}


def test_what_may_not_change_is_refused_and_changes_nothing(outcome):
    fixed = [each for each in outcome.tried if each.fixed]
    assert set(outcome.refused) == {each.name for each in fixed}
    assert [words for words in outcome.refused.values() if "is immutable" not in words] == []
    assert differing(fixed, outcome.edited, outcome.began) == {}
    assert set(outcome.refused_back) == {
        each.name for each in outcome.tried if each.fields == ("storage.pvc.create",)
    }


def test_pods_change_where_the_table_of_fields_says_so_and_nowhere_else(outcome):
    """Of KServe, it alone knows what becomes of pods; with the platform they go."""
    templates = r"Deployment {0}\.spec\.template\..*|LeaderWorkerSet {0}-lws\.spec\.leaderWorkerTemplate\.(leader|worker)Template\..*"
    taken = [
        each
        for each in outcome.tried
        if not each.fixed
        and not each.name.startswith("kserve")
        and each.fields != ("inferencePlatform",)
    ]
    changed = {
        each.name
        for each in taken
        if any(
            re.fullmatch(templates.format(each.name), place)
            for place in unlike(outcome.began[each.name], outcome.edited[each.name])
        )
    }
    assert changed == {each.name for each in taken if each.restarts}


def test_whatever_a_field_leads_to_is_stored_as_it_is_asked_for(outcome):
    """What each field leads to is known without a cluster; see ``tests/fields/test_fields.py``."""
    cluster, namespace = outcome.stage.cluster, outcome.stage_of_fresh.namespace
    owned, lost = children_by_owner(cluster, namespace), {}
    unmanaged = {kind.kind for kind in kinds.MANAGED if not cluster.served(kind)}
    for nim in cluster.list(kinds.NIM_SERVICE, namespace):
        answer = render.render(
            nim, related(namespace), Settings(), now=datetime.now(UTC), without=unmanaged
        )
        if problems := [
            *differences(as_children(answer["children"]), owned[nim["metadata"]["uid"]])
        ]:
            lost[nim["metadata"]["name"]] = problems
    assert lost == {}


def test_after_all_edits_nothing_is_left_to_write(outcome):
    written = writes_at_rest(outcome.stage, rounds=1)
    assert not written, readable(written)

"""Upgrades: no pod template changes from one release to the next, but where CHANGELOG.md says so
under *Restarts pods*.

The releases before this one are kept in ``tests/releases/<version>/``; the newest of them is what
runs in clusters.
"""

import json
from pathlib import Path

import pytest

from hooks.nimservice.children.template import environment, security
from tests.releases import kept, pods

ROOT = Path(__file__).parents[2]
CHANGELOG = "# Changelog\n\n## [0.2.0] - 2026-02-01\n\n### Restarts pods\n\n{}\n\n### Added\n\n- `NIM_LOG_LEVEL`\n\n## [0.1.0] - 2026-01-01\n"


def test_no_pods_restart_but_those_that_the_changelog_names():
    before = kept.newest()
    if before is None:
        pytest.skip("there is no earlier release: tests/releases has no snapshot of one")
    unsaid = pods.unsaid(
        pods.changes(before), (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), before.name
    )
    told = "\n".join(map(str, unsaid[:20]))
    assert not unsaid, (
        f"say so in CHANGELOG.md under Restarts pods, each field in backquotes, or take it back:\n{told}"
    )


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases") / "0.1.0"
    pods.write(folder)
    return folder


def test_nothing_changes_within_a_release(snapshot):
    assert pods.changes(snapshot) == []


def test_a_snapshot_has_every_platform_and_says_what_it_is_made_of(snapshot):
    cases = json.loads((snapshot / pods.FILE).read_text())
    assert {made.partition("/")[0] for case in cases for made in case["pods"]} == {
        "Deployment",
        "LeaderWorkerSet",
        "InferenceService",
    }
    assert len({case["case"] for case in cases}) == len(cases) > 100
    assert all(case["nim"]["spec"] for case in cases)


@pytest.fixture
def changed(monkeypatch, snapshot):
    """Return what changes when a release sets another log level and lets root run."""
    given = environment._given
    monkeypatch.setattr(
        environment,
        "_given",
        lambda values: given(
            {**values, **({"NIM_LOG_LEVEL": "DEBUG"} if "NIM_LOG_LEVEL" in values else {})}
        ),
    )
    real = security.container

    def container(*args):
        return {name: value for name, value in real(*args).items() if name != "runAsNonRoot"}

    monkeypatch.setattr(security, "container", container)
    return pods.changes(snapshot)


def test_every_change_is_told_with_its_place(changed):
    told = {str(change) for change in changed if change.case == "claim"}
    where = "claim: Deployment/llama.spec.containers[llama-ctr]"
    assert told == {
        f"{where}.env[NIM_LOG_LEVEL].value: 'INFO' → 'DEBUG'",
        f"{where}.securityContext.runAsNonRoot: True → None",
    }
    assert {change.case.partition(",")[0] for change in changed} >= {
        "group by MPI",
        "by KServe",
        "01-documented-example",
    }


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        ("- Nothing.", {"value", "runAsNonRoot"}),
        ("- `NIM_LOG_LEVEL` is DEBUG.", {"runAsNonRoot"}),
        ("- `NIM_LOG_LEVEL` is DEBUG, and `securityContext.runAsNonRoot` is gone.", set()),
        ("- NIM_LOG_LEVEL is DEBUG and runAsNonRoot is gone.", {"value", "runAsNonRoot"}),
    ],
    ids=["nothing is said", "one is said", "all is said", "not as code"],
)
def test_a_change_is_said_where_the_changelog_names_it_under_restarts_pods(changed, entry, fields):
    unsaid = pods.unsaid(changed, CHANGELOG.format(entry), "0.1.0")
    assert {change.path.rpartition(".")[2] for change in unsaid} == fields


def test_what_an_older_release_said_counts_no_more(changed):
    assert (
        pods.unsaid(changed, CHANGELOG.format("- `NIM_LOG_LEVEL`, `runAsNonRoot`"), "0.2.0")
        == changed
    )


def test_another_order_is_a_change():
    """Init containers run in their order, and a variable knows those before it."""
    first, last = {"name": "a"}, {"name": "b"}
    assert [*pods._different([first, last], [last, first], "env")] == [
        ("env[order]", ["a", "b"], ["b", "a"])
    ]

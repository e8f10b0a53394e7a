"""The samples: accepted by the CRDs, answered with children, and honest about the components they
need."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from hooks import cli
from hooks.cli.render import PARENTS
from hooks.nimcache import kinds as cache
from hooks.nimpipeline import kinds as pipeline
from hooks.nimservice import kinds
from hooks.preview import render
from hooks.resources import Settings

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "metacontroller" / "samples").iterdir())


def objects(path):
    return list(yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader))


def answers(path):
    """Return the answer for each parent of a sample, and for each NIMService that it makes."""
    parents = [item for item in objects(path) if item["kind"] in PARENTS]
    settings = Settings(openshift=True, openshift_constraints="nonroot,anyuid")
    return [answer for _, answer in render.together(parents, [], settings, now=datetime.now(UTC))]


def made(path):
    return {child["kind"] for answer in answers(path) for child in answer["children"]}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_accepted_by_the_crds_without_a_word(path, capsys):
    """Q41, I-31: the reference's CRD refuses some of its samples, and others do nothing."""
    assert cli.main(["validate", "-f", str(path)]) == 0
    assert "".join(capsys.readouterr()) == ""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_gets_a_workload_and_a_service(path):
    assert made(path) >= {"Deployment", "Service"}
    assert [
        condition
        for answer in answers(path)
        for condition in answer["status"]["conditions"]
        if condition["type"] == "Degraded"
    ] == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_says_what_it_shows_and_which_components_it_needs(path):
    text = path.read_text()
    comment = text[: text.index("apiVersion")]
    assert comment.startswith("# ")
    managed = (*kinds.MANAGED, *pipeline.MANAGED, *cache.MANAGED)
    for kind in made(path):
        components = {name for each in managed if each.kind == kind for name in each.components}
        assert {"base", "openshift"} & {*components} or any(
            f"`{name}`" in comment for name in components
        ), kind


def test_the_samples_together_make_every_kind_but_those_of_the_parts_to_come():
    to_come = {"leaderworkerset", "computedomain", "inference", "kserve"}
    every = (*kinds.MANAGED, *pipeline.MANAGED, *cache.MANAGED)
    expected = {kind.kind for kind in every if not {*kind.components} <= to_come}
    assert set().union(*map(made, SAMPLES)) == expected


def test_the_first_sample_is_the_documented_example():
    (nim,) = objects(SAMPLES[0])
    assert nim["metadata"]["name"] == "meta-llama3-8b-instruct"

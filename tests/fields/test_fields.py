"""Every field of the API has an effect: on a child, on the status or at admission, on every
platform, or a reason why it has none."""

from pathlib import Path

import pytest

from hooks.cli import advice
from hooks.cli import edits as explained
from hooks.kernel.crd import shipped
from hooks.resources import Settings
from tests.fields import edits, effect, page, tried
from tests.fields.row import KNATIVE, PLATFORMS, STANDARD
from tests.fields.table import LEAVES, ROWS, effects

each_platform = pytest.mark.parametrize("platform", PLATFORMS)


def rules(schema):
    yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", ()))
    for part in (
        *schema.get("properties", {}).values(),
        *(schema[key] for key in ("items",) if key in schema),
    ):
        yield from rules(part)


def test_every_field_has_a_row_and_every_row_a_field():
    assert set(ROWS) == set(LEAVES)


@pytest.mark.parametrize("path", ROWS)
def test_a_field_has_an_effect_or_a_reason_why_it_has_none(path):
    silent = {platform for platform in PLATFORMS if not effects(path)[platform]}
    assert silent == set(ROWS[path].silent)


@each_platform
def test_what_the_fields_are_tried_in_is_in_order(platform):
    nim = tried.situation.nimservice(**tried.SPECS[platform])
    assert tried.refused(nim) == ()
    conditions = {
        condition["type"]: condition["reason"]
        for condition in tried.answer(nim)["status"]["conditions"]
    }
    assert conditions == dict.fromkeys(("Ready", "Failed", "Reconciling"), "Creating")


@each_platform
def test_what_is_refused_is_refused_by_a_rule_that_says_why(platform):
    written = set(rules(shipped.schemas()["NIMService"]))
    refused = [path for path in ROWS if effects(path)[platform] == (effect.REFUSED,)]
    for path in refused:
        assert {
            problem.message for problem in tried.refused(*tried.pair(path, ROWS[path], platform))
        } <= written, path


WARNED = [
    (path, platform)
    for path, row in ROWS.items()
    for platform, silent in row.silent.items()
    if silent.warned
]


@pytest.mark.parametrize(("path", "platform"), WARNED)
def test_validate_warns_of_a_field_whose_silence_would_surprise(path, platform):
    _, having = tried.pair(path, ROWS[path], platform)
    assert [
        problem for problem in advice.give(having) if LEAVES[path].field.startswith(problem.path)
    ]


def test_what_is_refused_on_knative_is_named_by_a_condition_where_a_setting_chooses_knative():
    settings = Settings(kserve_deployment_mode="Knative")
    for path, row in ROWS.items():
        if effects(path)[KNATIVE] == (effect.REFUSED,) != effects(path)[STANDARD]:
            before, after = (tried.answer(nim, settings) for nim in tried.pair(path, row, STANDARD))
            assert "condition `KServeCannotExpress`" in effect.between(
                LEAVES[path], before, after
            ), path


def test_every_field_stands_on_the_page_once():
    text = "".join(page.pages())
    assert [
        path
        for path, leaf in LEAVES.items()
        if text.count(f"\n| `{leaf.field.removeprefix('spec.')}` |") != 1
    ] == []


def test_what_explain_says_of_edits_is_true():
    """`make docs` writes it anew."""
    written = Path(explained.__file__).with_suffix(".json").read_text(encoding="utf-8")
    assert written == edits.text()

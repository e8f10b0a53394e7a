"""Reason: the table knows every reason that the code uses, and no other."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hooks
from hooks.kernel.pod import image
from hooks.kernel.pod.reason import WEIGHT
from hooks.nimservice.status import reason, reference
from hooks.nimservice.status.cause import autoscaler, route, workload
from hooks.resources import RESOURCES

ROOT = Path(hooks.__file__).parent
MODULES = [path for path in sorted(ROOT.rglob("*.py")) if path.name != "reason.py"]
"""All but the tables of reasons themselves."""

REASON_OF = {"Finding": 0, "Symptom": 0, "Trouble": 0, "Verdict": 1, "_exception": 0}
"""Which argument of a call is a reason."""

TABLES = {
    *image.REASONS.values(),
    *autoscaler.REMEDIES,
    *(aspect[0] for aspect in route.ASPECTS.values()),
    *(row[1] for row in workload.REMEDIES),
}
"""Reasons that the code looks up."""


def _used() -> Iterator[str]:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and (place := REASON_OF.get(ast.unparse(node.func).rpartition(".")[2])) is not None
            ):
                yield from _constants(node.args[place : place + 1])
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REASON":
                yield from _constants([node.value])


def _constants(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


USED = {*_used(), *TABLES}
EXPLAINED = {each.name for resource in RESOURCES for each in resource.reasons}


def test_every_reason_in_the_code_is_explained() -> None:
    assert sorted(USED - EXPLAINED) == []


def test_every_reason_that_is_explained_is_in_the_code() -> None:
    texts = "\n".join(path.read_text() for path in MODULES)
    assert [name for name in reason.ALL if f'"{name}"' not in texts] == []


def test_a_reason_is_explained_once() -> None:
    tables = (reason.VERDICTS, reason.CAUSES, reason.WARNINGS, reason.EXCEPTIONS)
    assert sum(map(len, tables)) == len(reason.ALL)


@pytest.mark.parametrize("name", reason.ALL)
def test_a_reason_is_what_kubernetes_takes_for_one_and_is_explained_in_sentences(name: str) -> None:
    explained = reason.ALL[name]
    assert re.fullmatch(r"[A-Z][A-Za-z]*", name)
    for sentence in (explained.meaning, explained.remedy):
        assert sentence[0].isupper() or sentence[0] in "`("
        assert sentence.endswith(".")
        assert "|" not in sentence


def test_the_page_is_current() -> None:
    page = ROOT.parent / "docs" / "status.md"
    assert page.read_text() == "".join(reference.pages()), "make docs"


def test_the_page_has_every_reason_and_the_causes_in_their_order() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", "".join(reference.pages()), re.MULTILINE)
    assert set(reason.ALL) <= set(rows)
    assert [row for row in rows if row in WEIGHT] == [each.name for each in reason.CAUSES]


def test_every_reason_in_an_answer_of_the_cases_is_explained() -> None:
    answers = [
        json.loads(path.read_text())
        for path in sorted((ROOT.parent / "tests" / "cases" / "nimservice").rglob("response.json"))
    ]
    said = [
        each for answer in answers for each in (answer.get("status") or {}).get("conditions", ())
    ]
    assert said
    assert {each["reason"] for each in said} <= EXPLAINED

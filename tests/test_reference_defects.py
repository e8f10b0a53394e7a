"""docs/reference-defects.md: each defect of the reference has a row, and the tests that the row
names exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(
    r"^\| (Q\d+|I-\d+|P\d+|R\d+) \| (.+) \| (avoided|kept|not applicable) \| (.+) \| (.+) \|$",
    re.MULTILINE,
)
ROWS = ROW.findall((ROOT / "docs" / "reference-defects.md").read_text())
LAST = {"Q": 52, "I-": 43, "P": 7, "R": 6}
NUMBERS = [f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)]
NAMED = sorted({name for *_, tests in ROWS for name in re.findall(r"`(.+?)`", tests)})


@cache
def written(path):
    """Return the names of a file's tests, and the names of their cases: its texts, and those of the
    examples beside it."""
    nodes = parsed(ROOT / path)
    tests = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    examples = [
        each for file in (ROOT / path).parent.glob("examples*/**/*.py") for each in parsed(file)
    ]
    return tests, {
        node.value
        for node in (*nodes, *examples)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def parsed(file):
    return list(ast.walk(ast.parse(file.read_text())))


def test_every_defect_has_a_row_of_its_own_in_order():
    assert [number for number, *_ in ROWS] == NUMBERS


@pytest.mark.parametrize(
    ("defect", "verdict", "reason", "tests"),
    [row[1:] for row in ROWS],
    ids=[row[0] for row in ROWS],
)
def test_a_row_says_what_goes_wrong_and_what_became_of_it(defect, verdict, reason, tests):
    assert all(text.endswith(".") and len(text.split()) >= 3 for text in (defect, reason))
    assert tests != "–" or verdict != "avoided"


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_is_named_exists(name):
    path, test, case = re.fullmatch(r"(tests/[\w/]+\.py)::(test_\w+)(?:\[(.+)])?", name).groups()
    tests, texts = written(path)
    assert test in tests
    assert case is None or case in texts

"""The threat model: every promise names tests, and they are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "threat-model.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def promises():
    part = PAGE.read_text(encoding="utf-8").partition("## Promises")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("| ")][1:]


def missing(text):
    """Return the tests that a text names and that are not there."""
    return [
        f"{file}::{name}"
        for file, name in NAMED.findall(text)
        if not (ROOT / file).exists()
        or f"\ndef {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("promise", promises())
def test_a_promise_has_a_test_that_exists(promise):
    assert NAMED.search(promise)
    assert missing(promise) == []


def test_a_promise_without_its_test_is_found():
    gone = "`tests/docs/test_threat_model.py::test_that_is_not_there`"
    assert missing(f"{gone} `tests/docs/no.py::test_x`") == [
        "tests/docs/test_threat_model.py::test_that_is_not_there",
        "tests/docs/no.py::test_x",
    ]
    assert len(promises()) > 20

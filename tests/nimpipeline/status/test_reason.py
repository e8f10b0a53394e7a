"""Reason: every reason that a pipeline gives of its own is in the code and on its page."""

import re
from pathlib import Path

import pytest

import hooks.nimpipeline
from hooks.nimpipeline.resource import RESOURCE

ROOT = Path(hooks.nimpipeline.__file__).parent
KERNEL = ROOT.parent / "kernel"
NAMES = [each.name for each in RESOURCE.reasons]


@pytest.mark.parametrize("name", NAMES)
def test_a_reason_is_in_the_code(name):
    modules = [
        path for path in (*ROOT.rglob("*.py"), *KERNEL.glob("*.py")) if path.name != "reason.py"
    ]
    assert any(f'"{name}"' in path.read_text() for path in modules)


def test_the_page_explains_each_in_its_words():
    page = (ROOT.parents[1] / "docs" / "nimpipeline.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)
    assert {row[0]: row[1:] for row in rows if row[0] in NAMES} == {
        each.name: (each.meaning, each.remedy) for each in RESOURCE.reasons
    }

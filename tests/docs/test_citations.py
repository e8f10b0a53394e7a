"""Citations: code, comments and pages cite what is in the repository, and nothing else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ABROAD = re.compile(
    r"""
    \b[BS][0-9]{1,2}(?:\.[0-9]+)?\b   # numbered rules and steps of a design that is not here
  | \b[MR]\ [0-9A-Z]+\.[0-9]+         # numbered sections of one
  | \b[Ss]ections?\ [0-9]+(?:\.[0-9]+)*
  | \bthe\ contract's\b
  | (?<![\w.])/work/                  # a path of somebody's machine
    """,
    re.VERBOSE,
)
DEFECT = re.compile(r"\b(Q[0-9]{1,2}|I-[0-9]{1,2})\b")


def pages():
    """Yield every text that people wrote: code, pages, manifests and build files."""
    folders = ("benchmarks", "docs", "hooks", "metacontroller", "simulator", "tests", "tools")
    for path in (
        *ROOT.glob("*.*"),
        *(each for name in folders for each in (ROOT / name).rglob("*")),
    ):
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".yml"} and path != Path(__file__):
            yield path


def test_nothing_outside_the_repository_is_cited():
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in pages()
        for line in path.read_text(encoding="utf-8").splitlines()
        if ABROAD.search(line)
    ]
    assert found == []


def test_a_defect_of_the_reference_that_is_named_has_a_row():
    rows = set(DEFECT.findall((ROOT / "docs" / "reference-defects.md").read_text(encoding="utf-8")))
    found = {
        f"{path.relative_to(ROOT)}: {number}"
        for path in pages()
        if path.suffix == ".py"
        for number in DEFECT.findall(path.read_text(encoding="utf-8"))
        if number not in rows
    }
    assert found == set()


@pytest.mark.parametrize("text", ["(B15)", "M 3.3", "S17", "R A.10", "section 3.2", "/work/x"])
def test_a_citation_is_found(text):
    assert ABROAD.search(text)


@pytest.mark.parametrize("text", ["NVIDIA B200", "# noqa: S104", "A100", "Q12", "one section"])
def test_a_product_or_a_rule_of_the_linter_is_none(text):
    assert not ABROAD.search(text)

"""The tests stand where the modules do: ``tests/a/test_b.py`` is about ``hooks/a/b.py``,
``test_b_<subject>.py`` about one side of it.

A package is tested by a file of its name, inside it or beside it.
"""

from pathlib import Path

import pytest

from tests.conftest import SLOW

TESTS = Path(__file__).parent
ROOT = TESTS.parent
PRODUCT = [
    "test_bounds.py",
    "test_cases.py",
    "test_contracts.py",
    "test_defects_of_syncs.py",
    "test_determinism.py",
    "test_health.py",
    "test_invariants.py",
    "test_life.py",
    "test_parity.py",
    "test_published_samples.py",
    "test_reference_defects.py",
    "test_refusals.py",
    "test_rest.py",
    "test_rewording.py",
    "test_second_resource.py",
    "test_tree.py",
]
"""What is about the product as a whole."""
MIRRORED = {
    TESTS / "simulator": ROOT / "simulator" / "nimservice_simulator",
    **{
        TESTS / package.name: package
        for package in (ROOT / "hooks").iterdir()
        if (package / "__init__.py").exists()
    },
}
FILES = sorted(
    file.relative_to(TESTS).as_posix() for folder in MIRRORED for file in folder.rglob("test_*.py")
)


@pytest.mark.parametrize("path", FILES)
def test_a_test_file_has_its_module(path):
    file = TESTS / path
    folder = next(each for each in MIRRORED if file.is_relative_to(each))
    package = MIRRORED[folder] / file.parent.relative_to(folder)
    module = file.stem.removeprefix("test_").partition("_")[0]
    found = [package.name == module and package, package / f"{module}.py", package / module]
    assert any(each and each.exists() for each in found)


def test_what_is_about_the_whole_product_stands_at_the_top():
    assert sorted(file.name for file in TESTS.glob("test_*.py")) == PRODUCT


@pytest.mark.parametrize("path", SLOW)
def test_what_is_listed_as_slow_is_there(path):
    assert (TESTS / path).exists()

"""The bills of materials: complete, valid, the same each time, and under accepted licences."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import sbom

ROOT = Path(__file__).parents[2]
EPOCH = 1_700_000_000
ACCEPTED = {
    "Apache-2.0",
    "Apache-2.0 AND BSD-2-Clause",
    "Apache-2.0 OR BSD-3-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "MPL-2.0 AND (Apache-2.0 OR MIT)",
    "PSF-2.0",
}
"""Licences that let anybody use, change and pass on what we ship. Those of orjson and shtab ask for
the sources of their own files, if somebody changes them."""


@pytest.fixture(params=[sbom.image, sbom.wheel], ids=["image", "wheel"], scope="module")
def bill(request):
    return json.loads(request.param("1.2.3", EPOCH))


def names(bill):
    return {each["name"] for each in bill["components"]}


def test_it_is_cyclonedx(bill):
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill))
    assert problem is None


def test_every_package_has_a_version_a_hash_and_a_licence_that_we_accept(bill):
    for each in bill["components"]:
        assert each["version"]
        if each["type"] == "container":
            continue
        assert each["hashes"], each["name"]
        licence = sbom.licence(each["name"])
        assert licence in ACCEPTED, f"{each['name']} is under {licence or 'no licence'}"


def test_the_image_has_its_base_and_what_its_lock_has():
    found = names(json.loads(sbom.image("1.2.3", EPOCH)))
    assert found == {"python", *sbom.locked("requirements-runtime.lock")}


def test_the_wheel_has_what_it_requires():
    found = names(json.loads(sbom.wheel("1.2.3", EPOCH)))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {canonicalize_name(Requirement(each).name) for each in project["dependencies"]} <= found
    assert not found & {"pytest", "ruff", "lightkube"}


def test_the_same_commit_gives_the_same_bytes():
    code = "from tools import sbom; print(sbom.image('1', 5), sbom.wheel('1', 5))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_the_image_has_what_serve_needs_and_no_more():
    """CEL, and all that comes with it, is for commands that check files; shtab is for shells."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {*project["project"]["dependencies"]}
    served = {*project["dependency-groups"]["serve"]}
    assert served < needed
    assert {Requirement(each).name for each in needed - served} == {
        "common-expression-language",
        "shtab",
    }
    code = """
import sys
from hooks import cli
from hooks.resources import RESOURCES, Settings
from hooks.web import server, worker
from hooks.web.answer import front
front.Front(Settings())
print(*sorted({name.partition('.')[0] for name in sys.modules}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"cel", "shtab", "typer", "rich", "pygments", "prompt_toolkit"} & {
        *done.stdout.split()
    }

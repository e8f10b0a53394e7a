"""The contracts of pyproject.toml hold what they say: each fails in a copy of the packages with one
import too many."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = {
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}

TREE = "The kernel knows no resource, and nothing but the command line knows all"
RESOURCES = "Resources know nothing of each other but their APIs"
CHILDREN = "Children of one resource know nothing of each other but the pod template"
SIMULATOR = "Nothing but simulate and demo knows the simulator"

BREACHES = [
    (TREE, "hooks.kernel.finding", "hooks.nimservice.naming"),
    (TREE, "hooks.kernel.crd.generate", "hooks.resources"),
    (TREE, "hooks.nimcache.kinds", "hooks.cli.output"),
    (TREE, "hooks.cluster.api", "hooks.preview.render"),
    (TREE, "hooks.preview.render", "hooks.migration.plan"),
    (TREE, "hooks.web.answer.token", "hooks.migration.plan"),
    (RESOURCES, "hooks.nimservice.context", "hooks.nimcache.kinds"),
    (RESOURCES, "hooks.nimpipeline.context", "hooks.nimservice.naming"),
    (RESOURCES, "hooks.nimcache.kinds", "hooks.nimpipeline.api.nimpipeline"),
    (RESOURCES, "hooks.nimservice.kinds", "hooks.nimpipeline.kinds"),
    (CHILDREN, "hooks.nimservice.children.ingress", "hooks.nimservice.children.route"),
    (CHILDREN, "hooks.nimservice.children.template.probe", "hooks.nimservice.children.service"),
    (
        CHILDREN,
        "hooks.nimservice.children.multinode.mpi",
        "hooks.nimservice.children.kserve.scale",
    ),
    ("Within the kernel, layers point one way", "hooks.kernel.finding", "hooks.kernel.manifest"),
    ("Within NIMCache, layers point one way", "hooks.nimcache.choice", "hooks.nimcache.life"),
    (
        "Within NIMService, layers point one way",
        "hooks.nimservice.naming",
        "hooks.nimservice.context",
    ),
    (
        "Within NIMPipeline, layers point one way",
        "hooks.nimpipeline.kinds",
        "hooks.nimpipeline.context",
    ),
    ("Within the server, layers point one way", "hooks.web.lookup.address", "hooks.web.worker"),
    (SIMULATOR, "hooks.preview.render", "nimservice_simulator.clock"),
    (SIMULATOR, "hooks.cli.render", "nimservice_simulator.simulation"),
    (
        "The simulator knows no resource but in its stories, its images and the demo",
        "nimservice_simulator.show",
        "hooks.nimservice.kinds",
    ),
    ("Only hooks.web knows Flask, gunicorn and h11", "hooks.cli.render", "h11"),
    ("Hooks are pure: no clock, chance, environment, log or network", "hooks.kernel.prose", "time"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Return a folder with the packages and their contracts."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "hooks", folder / "hooks")
    shutil.copytree(ROOT / "simulator", folder / "simulator")
    return folder


def broken(folder):
    """Return the contracts that fail in a folder, and what lint-imports says."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{folder / 'simulator'}", "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    names = re.findall(r"^(.+) BROKEN( \(.+\))?$", done.stdout, re.MULTILINE)
    return {name for name, _ in names}, done.stdout


def test_the_packages_keep_them(copy):
    assert broken(copy)[0] == set()


@pytest.mark.parametrize(
    ("contract", "importer", "imported"),
    BREACHES,
    ids=[f"{importer} imports {imported}" for _, importer, imported in BREACHES],
)
def test_one_import_too_many_breaks_it(copy, contract, importer, imported):
    home = copy / "simulator" if importer.startswith("nimservice_simulator.") else copy
    file = home / Path(*importer.split(".")).with_suffix(".py")
    before = file.read_text()
    try:
        file.write_text(f"{before}\nimport {imported}\n")
        names, told = broken(copy)
    finally:
        file.write_text(before)
    assert contract in names
    assert f"{importer} -> {imported}" in told


def test_each_is_tried():
    assert {contract for contract, *_ in BREACHES} == CONTRACTS


@pytest.mark.parametrize("package", ["kernel", "nimservice", "nimpipeline", ""])
def test_a_module_without_a_place_is_noticed(copy, package):
    file = copy / "hooks" / package / "newcomer.py"
    file.write_text('"""New."""\n')
    try:
        told = broken(copy)[1]
    finally:
        file.unlink()
    assert "newcomer" in told

"""The workflows: what they run exists, and what they use is pinned."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.tools.program import program

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def jobs(workflow):
    return yaml.safe_load(workflow.read_text())["jobs"]


def steps(workflow):
    return [step for job in jobs(workflow).values() for step in job["steps"]]


def test_actionlint_has_nothing_to_say():
    done = subprocess.run(
        [program("actionlint"), "-no-color", *WORKFLOWS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(workflow):
    used = [line for line in workflow.read_text().splitlines() if "uses:" in line]
    assert used
    for line in used:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$", line), line


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_has_no_rights_but_those_of_its_jobs(workflow):
    assert yaml.safe_load(workflow.read_text())["permissions"] == {}
    for job in jobs(workflow).values():
        assert job["permissions"]["contents"] in {"read", "write"}
        assert job["timeout-minutes"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_runs_what_is_there(workflow):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    matrices = [job.get("strategy", {}).get("matrix", {}) for job in jobs(workflow).values()]
    named = [target for matrix in matrices for target in matrix.get("target", [])]
    for step in steps(workflow):
        text = step.get("run", "")
        named += re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
        for path in re.findall(r"(?:^|[\s(])((?:\.ci|tests|tools)/[\w./-]+)", text):
            assert (ROOT / path).exists(), path
    assert {*named} <= {*targets}

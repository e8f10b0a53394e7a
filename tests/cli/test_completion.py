"""Completion: each shell gets a script, and bash completes by it."""

import shutil
import subprocess

import pytest

from hooks import cli
from hooks.cli import completion, main, parser
from hooks.cli.error import CommandError

ASK = """
source ./script
COMP_WORDS=(nimservice "$@"); COMP_CWORD=$#
_shtab_nimservice nimservice "${COMP_WORDS[$COMP_CWORD]}" "${COMP_WORDS[$((COMP_CWORD - 1))]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def printed(capsys):
    """Return a function that prints the script for a shell."""

    def printed(shell):
        assert main(["completion", shell]) == 0
        return capsys.readouterr().out

    return printed


@pytest.fixture
def complete(printed, tmp_path):
    """Return a function that completes the last word of a line in bash."""
    if not shutil.which("bash"):
        pytest.skip("there is no bash")
    (tmp_path / "script").write_text(printed("bash"))
    (tmp_path / "nim.yaml").touch()
    (tmp_path / "nims").mkdir()

    def complete(*words):
        asked = ["bash", "--norc", "-c", ASK, "bash", *words]
        done = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=tmp_path)
        assert done.stderr == ""
        return done.stdout.split()

    return complete


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([""], [*cli.COMMANDS]),
        (["re"], ["render"]),
        (["render", "--wit"], ["--without"]),
        (["render", "-o", "n"], ["names", "name"]),
        (["render", "-f", "a.yaml", "--without", "HTTP"], ["HTTPRoute"]),
        (["simulate", "--scenario", "cras"], ["crash"]),
        (["explain", "spec.storage.n"], [f"spec.storage.nimCache{each}" for each in ("", ".name", ".profile")]),
        (["explain", "nimcache.spec.source.ngc.mod"], ["modelPuller"]),
        (["validate", "-f", "nim"], ["nim.yaml", "nims"]),
        (["validate", "nim."], ["nim.yaml"]),
        (["crd", "--output", "n"], ["nims"]),
    ],
)  # fmt: skip
def test_bash_completes_commands_options_choices_fields_and_files(complete, words, found):
    completed = complete(*words)
    assert set(found) <= {*completed, *(each.rpartition(".")[2] for each in completed)}
    assert all(each.startswith(words[-1]) for each in completed)


@pytest.mark.parametrize("shell", completion._SHELLS)
def test_each_shell_gets_all_commands(printed, shell):
    script = printed(shell)
    assert all(command in script for command in cli.COMMANDS)
    assert "spec.storage.pvc.size" in script


@pytest.mark.parametrize("shell", completion._SHELLS)
def test_a_shell_that_is_there_reads_its_script(printed, shell, tmp_path):
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    script = tmp_path / "script"
    script.write_text(printed(shell))
    assert subprocess.run([shell, "-n", script], check=False).returncode == 0


def test_a_command_whose_part_is_missing_is_completed_without_its_options(printed, monkeypatch):
    load = parser.importlib.import_module

    def missing(name):
        if name == "hooks.cli.simulate":
            raise CommandError("the simulator is not installed")
        return load(name)

    monkeypatch.setattr(parser.importlib, "import_module", missing)
    script = printed("bash")
    assert "simulate" in script
    assert "--scenario" not in script

"""The command line itself: help that costs nothing, clear errors, colours for people only."""

import io
import json
import os
import subprocess
import sys

import pytest

from hooks import __version__, cli
from hooks.cli import main, terminal
from tests.situations import nimservice as situation

HEAVY = {"asyncio", "cel", "gunicorn", "h11", "orjson", "prometheus_client", "pydantic", "yaml"}


def test_help_imports_nothing_that_takes_time():
    script = "import sys; from hooks.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert HEAVY & set(result.stderr.split()) == set()
    assert "examples:" in result.stdout


def test_a_command_does_not_look_for_plugins_in_every_installed_package(tmp_path):
    (tmp_path / "nim.json").write_text(json.dumps(situation.nimservice()))
    script = (
        "import sys; sys.addaudithook(lambda event, given: event == 'open' and print(given[0], file=sys.stderr))\n"
        "from hooks.cli import main; main(['render', '-f', 'nim.json'])"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYDANTIC")}
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environ,
    )
    assert "entry_points.txt" not in result.stderr
    assert "kind: Deployment" in result.stdout


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_names_every_command(arguments, capsys):
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in cli.COMMANDS)


@pytest.mark.parametrize("command", ["crd", "explain", "validate"])
def test_each_command_explains_itself_with_examples(command, capsys):
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: nimservice {command} ")
    assert "examples:" in text


def test_version_is_that_of_the_package(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"nimservice {__version__}\n"


def test_kubectl_calls_it_by_another_name(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/local/bin/kubectl-nim", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("kubectl nim ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rendr"], "unknown command 'rendr'; did you mean render?"),
        (["zzz"], "unknown command 'zzz'; use one of render, "),
        (["validate"], "the following arguments are required: -f/--filename"),
        (["explain", "--nope"], "unrecognized arguments: --nope"),
    ],
)
def test_a_wrong_call_is_exit_code_2(arguments, message, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_a_reader_that_has_seen_enough_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    script = "import sys; from hooks.cli import main; sys.exit(main(['crd']))"
    result = subprocess.run(
        [sys.executable, "-c", script], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (result.returncode, result.stderr) == (0, b"")


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_colours_are_for_a_terminal_only(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal.paint("x", "red", Screen()) == "\x1b[31mx\x1b[0m"
    assert terminal.paint("x", "red", io.StringIO()) == "x"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert terminal.paint("x", "red", Screen()) == "x"

"""The command line itself: help that costs nothing, clear errors, colours for people only."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hooks import __version__, cli
from hooks.cli import main, terminal
from hooks.kernel.crd import shipped
from tests.situations import nimservice as situation

HEAVY = {
    *("argparse", "asyncio", "cel", "difflib", "gunicorn", "h11", "orjson", "pathlib"),
    *("prometheus_client", "pydantic", "textwrap", "typing", "yaml"),
}


def test_help_imports_nothing_that_takes_time():
    script = "import sys; from hooks.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert HEAVY & set(result.stderr.split()) == set()
    assert "examples:" in result.stdout


def test_a_command_about_nimservices_loads_no_other_resource(tmp_path):
    (tmp_path / "nim.json").write_text(json.dumps(situation.nimservice()))
    script = "import sys; from hooks.cli import main; main(['render', '-f', 'nim.json']); print(*sys.modules, file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    loaded = set(result.stderr.split())
    assert "hooks.nimservice.resource" in loaded
    assert not {"hooks.nimcache.resource", "hooks.nimpipeline.resource"} & loaded
    assert not {"argcomplete", "shtab", "gzip"} & loaded


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
        (["validate"], "no file is named; use -f FILE"),
        (["explain", "--nope"], "nimservice explain: unrecognized arguments: --nope; see `nim"),
        (["validate", "--filname=x"], "arguments: --filname=x; did you mean --filename?"),
        (
            ["simulate", "--scenario", "oomm"],
            "argument --scenario: there is no 'oomm'; did you mean oom?",
        ),
        (["completion", "ksh"], "argument SHELL: there is no 'ksh'; did you mean zsh?"),
        (["render", "-o", "html"], "there is no 'html'; use one of yaml, json, "),
        (["explain", "pipeline.spec"], "did you mean nimpipeline.spec?"),
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


NIMSERVICE = str(Path(sys.executable).with_name("nimservice"))


def test_a_process_ends_with_all_that_it_said_and_its_code(tmp_path):
    done = subprocess.run([NIMSERVICE, "crd"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "---\n".join(shipped.texts().values())
    file = tmp_path / "nim.yaml"
    file.write_text(yaml.dump(situation.nimservice(gpu=1)))
    done = subprocess.run(
        [NIMSERVICE, "validate", str(file), str(tmp_path / "absent")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    first, second = done.stdout.splitlines()
    assert "No such file or directory" in first
    assert "spec.gpu: unknown field" in second


def test_a_process_whose_reader_is_gone_ends_in_silence():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([NIMSERVICE, "crd"], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


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


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\rover"
"""A title, an empty screen, a colour in one byte, text from right to left, and a line over it."""


@pytest.mark.parametrize(
    "command", ["validate", "render", "diff", "simulate", "explain", "migrate"]
)
def test_no_text_of_others_is_obeyed_by_a_terminal(command, tmp_path, capsys):
    file = tmp_path / "nim.yaml"
    nim = situation.nimservice(annotations={HOSTILE: HOSTILE}, unknown=HOSTILE, command=[HOSTILE])
    nim["spec"]["image"]["pullPolicy"] = HOSTILE
    nim["metadata"]["name"] = HOSTILE
    file.write_text(yaml.dump(nim))
    with contextlib.suppress(Exception):
        cli.main([command, *([HOSTILE] if command == "explain" else ["-f", str(file)])])
    printed = "".join(capsys.readouterr())
    assert printed
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & {*printed}


def test_our_own_colours_reach_a_terminal(capsys):
    with terminal.guarded():
        sys.stdout.write("\x1b[31mred\x1b[0m \x1b[2Jgone\n")
    assert capsys.readouterr().out == "\x1b[31mred\x1b[0m \N{REPLACEMENT CHARACTER}[2Jgone\n"


def test_the_image_says_what_it_lacks_to_check_files(tmp_path):
    """It has what `serve` needs, and CEL brings ten packages along."""
    file = tmp_path / "nim.yaml"
    file.write_text(yaml.dump(situation.nimservice()))
    code = f"import sys; sys.modules['cel'] = None; from hooks import cli; print(cli.main(['validate', '-f', {str(file)!r}]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "2\n"
    assert "run: pip install nimservice-hooks" in done.stderr
    assert "bug" not in done.stderr

"""Screens of several widths, by a pseudo-terminal: no word is broken, no line is too long."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from hooks import cli
from tests.cli.manifest import PIPELINE, manifest

SAMPLE = str(
    Path(__file__).parents[2] / "metacontroller" / "samples" / "01-documented-example.yaml"
)
COLOUR = re.compile("\x1b\\[[0-9;]*m")
SCREENS = {
    "simulate": ["simulate", SAMPLE, "--scenario", "crash"],
    "autoscaling": ["simulate", SAMPLE, "--scenario", "autoscaling"],
    "explain": ["explain", "spec.expose.router"],
    "validate": ["validate", SAMPLE],
    "problems": ["validate", "wrong.yaml"],
    "warnings": ["validate", "pipeline.yaml"],
    "refused": ["render", "wrong.yaml"],
    "forced": ["render", "--force", "-o", "tree", "wrong.yaml"],
    "tree": ["render", "-o", "tree", SAMPLE],
    "names": ["simulate", SAMPLE, "-o", "names", "--scenario", "crash"],
    "missing": ["diff", SAMPLE, "--kubeconfig", "absent"],
    "plan": ["migrate", "--observed", "live.yaml"],
    "doctor": ["doctor", "--offline", "-f", "pipeline.yaml"],
    "absent": ["explain", "nimservice.spec.expose.router.gateway.hostname"],
}
"""What each command shows to people. YAML, JSON and differences have the lines of their objects."""


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    """Make the files that the screens name."""
    monkeypatch.chdir(tmp_path)
    wrong = manifest("strategies: {}\nimagePullSecrets: [ngc-secret]\nsecurityContext: {}\ngpu: 1")
    service = "- {name: e, port: 8000}\n  - {name: llm, port: 8000, envName: LLM_ADDRESS}"
    text = f"{PIPELINE['services']}\n  dependencies:\n  {service}"
    (tmp_path / "wrong.yaml").write_text(wrong)
    (tmp_path / "pipeline.yaml").write_text(manifest(text, "NIMPipeline"))
    (tmp_path / "live.yaml").write_text(manifest("annotations: {a.example.com/b: c}"))


def screen(arguments, columns):
    """Return what a command shows on a terminal, and its exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    hidden = {"COLUMNS", "LINES", "NO_COLOR"}
    environ = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [str(Path(sys.executable).with_name("nimservice")), *arguments]
    shown = bytearray()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**environ, "TERM": "xterm"}
    )
    os.close(theirs)
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # how Linux tells the end of a pseudo-terminal
        pass
    os.close(ours)
    return process.wait(), shown.decode().replace("\r\n", "\n")


def words(text):
    return COLOUR.sub("", text).split()


@pytest.mark.parametrize("columns", [80, 100, 120])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_has_whole_words_and_no_longer_line(name, columns):
    _, shown = screen(SCREENS[name], columns)
    assert [line for line in COLOUR.sub("", shown).splitlines() if len(line) > columns] == []
    assert words(shown) == words(screen(SCREENS[name], 119)[1])


def test_the_screen_of_simulate_has_the_timeline_the_last_status_and_colours():
    code, shown = screen(SCREENS["simulate"], 100)
    assert code == 1
    assert "\x1b[33mNotReady\x1b[0m" in shown
    assert "NIMService/meta-llama3-8b-instruct: \x1b[31mFailed\x1b[0m\n" in shown
    assert "apiVersion" not in shown


def test_where_yaml_is_asked_for_it_is_printed_on_a_terminal_too():
    _, shown = screen([*SCREENS["simulate"], "-o", "yaml"], 100)
    assert shown.startswith("apiVersion: apps.nvidia.com/v1alpha1\n")


@pytest.mark.parametrize("command", ["", *cli.COMMANDS])
def test_help_fits_a_screen_of_80_columns(command):
    code, shown = screen([*command.split(), "--help"], 80)
    assert code == 0
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    assert "exit codes" in shown

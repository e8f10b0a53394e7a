"""Every example of --help runs, with the exit code that its kind has."""

import argparse
import io
import re
import sys

import pytest

from hooks import cli, resources
from hooks.cli import diff, parser
from tests.cli.manifest import manifest

NEEDS_A_CLUSTER = re.compile(r"(diff|doctor|migrate)(?!.*(--observed|--offline))")
"""They end with exit code 2 where there is no cluster."""


def examples():
    """Return each command of the help of all commands, without what is said of it."""
    subparsers = next(
        action for action in parser.whole("nimservice")._actions if action.dest == "command"
    )
    texts = [cli._help("nimservice"), *(each.epilog for each in subparsers.choices.values())]
    found = []
    for text in texts:
        block = re.search(r"examples:\n(.*?)(\n\n|$)", text, re.DOTALL)
        lines = block[1].replace("\\\n", " ").splitlines() if block else ()
        for line in lines:
            # What follows two spaces explains the example.
            command = re.split(r"(?<=\S)\s{2,}", line.strip())[0]
            found += re.findall(r"nimservice ([^|>()]+)", command)
    return sorted({each.strip() for each in found})


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    """Make the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-cluster"))
    nim = manifest("metrics: {enabled: true}")
    (tmp_path / "nim.yaml").write_text(nim)
    (tmp_path / "manifests" / "below").mkdir(parents=True)
    (tmp_path / "manifests" / "below" / "nim.yaml").write_text(nim)
    (tmp_path / "manifests" / "nim.yaml").write_text(nim.replace("llama", "other"))
    assert cli.main(["simulate", "-f", "nim.yaml", "-o", "yaml"]) == 0
    (tmp_path / "live.yaml").write_text(capsys.readouterr().out)
    monkeypatch.setattr(sys, "stdin", io.StringIO(nim))
    return capsys


def test_each_command_that_takes_arguments_has_examples():
    shown = {each.split()[0] for each in examples()}
    assert shown == {*cli.COMMANDS} - {"serve"}


@pytest.mark.parametrize("example", examples())
def test_an_example_runs(desk, example):
    code = cli.main([word.strip("'\"") for word in example.split()])
    printed = desk.readouterr()
    if NEEDS_A_CLUSTER.match(example):
        assert code == 2
        assert "no-cluster" in printed.err
    else:
        assert code == ("oom" in example), printed.err
        assert printed.out or example.startswith(("validate", "crd --output"))


def test_the_example_of_diff_saves_each_kind_that_the_hooks_serve():
    arguments = argparse.ArgumentParser()
    diff.add_arguments(arguments)
    (listed,) = re.findall(r"(\S+) > live.yaml", arguments.epilog)
    assert {each.definition.short_name for each in resources.BY_KIND.values()} <= set(
        listed.split(",")
    )


def test_the_example_of_diff_compares_truly(desk):
    """Nothing changes where the saved objects are its own; an edit is all that differs."""
    command = ["diff", "-f", "nim.yaml", "--observed", "live.yaml"]
    assert cli.main(command) == 0
    assert desk.readouterr().out == "NIMService/llama: nothing would change\n"
    edited = manifest("metrics: {enabled: true}\nreplicas: 3")
    with open("nim.yaml", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(edited)
    assert cli.main(command) == 1
    changed = [
        line
        for line in desk.readouterr().out.splitlines()
        if line.startswith(("+ ", "- ", "~ ")) or re.match(r"[-+] {2}\w", line)
    ]
    assert changed == ["~ update Deployment/llama", "-  replicas: 1", "+  replicas: 3"]

"""Kubeconfig: where no cluster can be read, the message says what else can be done."""

import pytest
import yaml

from hooks.cli import main
from tests.cli.manifest import manifest

CONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "here",
    "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    "clusters": [{"name": "here", "cluster": {"server": "http://127.0.0.1:1"}}],
    "users": [{"name": "me", "user": {}}],
}
INSTEAD = {
    ("diff", "-f", "nim.yaml"): "use --observed FILE",
    ("doctor",): "use --offline with files",
    ("migrate",): "use --observed FILE",
    ("migrate", "--apply"): "use --observed FILE without --apply",
}
"""What each command offers that needs no cluster."""


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """Return a function that calls a command with a kubeconfig and returns what it complains of."""

    def run(command, text):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "nim.yaml").write_text(manifest())
        if text is not None:
            (tmp_path / "config").write_text(text)
        assert main([*command, "--kubeconfig", "config"]) == 2
        return " ".join(capsys.readouterr().err.split())

    return run


@pytest.mark.parametrize(
    ("text", "fault", "remedy"),
    [
        (None, "not found", "name one with --kubeconfig"),
        ("{}", "has no 'clusters'", "name one with --kubeconfig"),
        (yaml.safe_dump(CONFIG), "cannot reach", "name another cluster with --kubeconfig"),
    ],
    ids=["absent", "empty", "unreachable"],
)
@pytest.mark.parametrize("command", INSTEAD, ids=" ".join)
def test_the_message_has_a_remedy(command, text, fault, remedy, told):
    said = told(command, text)
    assert fault in said
    assert said.endswith(f"; {remedy}, or {INSTEAD[command]}")

"""`nimservice migrate`: a plan of saved objects, and the calls that are wrong."""

import pytest
import yaml

from hooks.cli import main
from tests.migration.operated import everything, nimservice


@pytest.fixture
def migrate(tmp_path, capsys):
    """Return a function that plans for saved objects and returns the exit code and what was
    said."""

    def migrate(objects, *options):
        saved = tmp_path / "live.yaml"
        saved.write_text(yaml.safe_dump_all(objects))
        code = main(["migrate", "--observed", str(saved), *options])
        return code, capsys.readouterr()

    return migrate


def test_the_plan_says_child_by_child_what_becomes_of_it(migrate):
    code, said = migrate(everything(), "--without", "Role")
    lines = said.out.splitlines()
    assert code == 0
    assert lines[0] == "NIMService models/llama: 5 children, pods of 1 restart"
    assert (
        "  keep    PersistentVolumeClaim/llama-pvc: unchanged; the hooks never update this kind"
        in lines
    )
    assert (
        "  leave   Role/llama: this installation does not manage its kind; "
        "Kubernetes deletes it together with its NIMService" in lines
    )
    assert any(line.startswith("          ! its pods restart once: ") for line in lines)
    assert lines[-1] == "wrote nothing; use --apply to write"


def test_with_a_pause_it_says_how_to_go_on(migrate):
    _, said = migrate(everything(), "--pause")
    assert "! its pods restart once, after kubectl rollout resume deployment/llama: " in said.out


def test_only_those_that_are_named_are_planned_for(migrate):
    assert "llama" not in migrate(everything(), "-n", "models", "mistral")[1].out
    assert "llama" not in migrate(everything(), "-n", "other")[1].out
    assert "models/llama" in migrate(everything(), "-n", "models", "llama")[1].out


def test_where_there_is_nothing_to_hand_over_it_says_so(migrate):
    nim = nimservice()
    del nim["metadata"]["finalizers"]
    code, said = migrate([nim])
    assert (code, said.out) == (0, "found nothing to migrate\n")


def test_saved_objects_cannot_be_written_to(migrate):
    code, said = migrate(everything(), "--apply")
    assert (code, said.err) == (
        2,
        "nimservice: --apply writes to a cluster; remove --observed\n",
    )


def test_a_kubeconfig_that_leads_nowhere_is_named(tmp_path, capsys):
    assert main(["migrate", "--kubeconfig", str(tmp_path / "none")]) == 2
    assert str(tmp_path / "none") in capsys.readouterr().err

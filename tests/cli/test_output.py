"""The forms in which render and simulate print objects."""

import json

import pytest
import yaml

from hooks.cli import main
from tests.cli.manifest import manifest


@pytest.fixture
def printed(tmp_path, capsys):
    """Return a function that prints what a file becomes, in a form, and returns the text."""

    def printed(form, command="render", kind="NIMService"):
        file = tmp_path / "nim.yaml"
        file.write_text(manifest(kind=kind))
        assert main([command, str(file), "-n", "models", "-o", form]) == 0
        return capsys.readouterr().out

    return printed


def test_names_are_kind_and_name(printed):
    assert printed("names").split() == ["ServiceAccount/llama", "Service/llama", "Deployment/llama"]


def test_a_name_is_as_kubectl_has_it(printed):
    assert printed("name").split() == [
        "serviceaccount/llama",
        "service/llama",
        "deployment.apps/llama",
    ]


def test_yaml_and_json_are_the_same_objects_in_the_namespace_that_is_named(printed):
    documents = list(yaml.safe_load_all(printed("yaml")))
    whole = json.loads(printed("json"))
    assert (whole["kind"], whole["apiVersion"]) == ("List", "v1")
    assert whole["items"] == documents
    assert {each["metadata"]["namespace"] for each in documents} == {"models"}


@pytest.mark.parametrize("command", ["render", "simulate"])
def test_a_tree_has_each_child_below_its_parent(printed, command):
    lines = printed("tree", command, "NIMPipeline").splitlines()
    assert lines[:2] == ["NIMPipeline/llama", "└─ NIMService/llm"]
    assert {line for line in lines[2:-1] if line.startswith("   ├─ ")} | {lines[-1]} == {*lines[2:]}
    assert lines[-1].startswith("   └─ ")
    assert {line[6:] for line in lines[2:]} == {
        "ServiceAccount/llm",
        "Service/llm",
        "Deployment/llm",
    }

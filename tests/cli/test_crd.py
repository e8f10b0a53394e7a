"""`nimservice crd`: the CustomResourceDefinitions on standard output or in a folder."""

import pytest
import yaml

from hooks import resources
from hooks.cli import main
from hooks.kernel.crd import definitions, generate, shipped


@pytest.fixture(autouse=True, scope="module")
def _generated_once():
    """Generate the definitions once for all tests: the models stay the same."""
    texts = generate.crds(resources.DEFINITIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "crds", lambda _: texts)
        yield


def test_all_definitions_are_printed_as_documents_to_apply(capsys):
    assert main(["crd"]) == 0
    names = [
        document["metadata"]["name"]
        for document in yaml.load_all(capsys.readouterr().out, Loader=yaml.CSafeLoader)
    ]
    assert names == [
        "nimcaches.apps.nvidia.com",
        "nimpipelines.apps.nvidia.com",
        "nimservices.apps.nvidia.com",
    ]


def test_a_folder_is_made_and_filled(tmp_path):
    assert main(["crd", "--output", str(tmp_path / "new" / "crds")]) == 0
    written = {file.name: file.read_text() for file in (tmp_path / "new" / "crds").iterdir()}
    assert written == shipped.texts()
    assert all(text.startswith("# Generated from the models") for text in written.values())


def test_an_installation_without_the_tools_of_development_prints_what_it_came_with(
    capsys, monkeypatch
):
    monkeypatch.setattr(definitions, "available", lambda: False)
    assert main(["crd"]) == 0
    assert capsys.readouterr().out == "---\n".join(shipped.texts().values())


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["crd", "--output", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1

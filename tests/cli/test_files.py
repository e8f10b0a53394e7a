"""Reading manifests: as kubectl reads them, and one clear line for each way a file can be wrong."""

import io

import pytest

from hooks.cli import files
from hooks.cli.files import FileError

HEAD = "apiVersion: v1\nkind: Thing\n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="file.yaml"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_several_documents_are_read_in_order(write):
    loaded = files.load(
        [
            write(
                f"{HEAD}metadata: {{name: a}}\n---\n# nothing here\n---\n{HEAD}metadata: {{name: b}}\n"
            )
        ]
    )
    assert [each.name for each in loaded] == ["a", "b"]


def test_a_list_is_read_as_its_items(write):
    loaded = files.load(
        [
            write(
                "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\n- {apiVersion: v1, kind: B}\n"
            )
        ]
    )
    assert [each.kind for each in loaded] == ["A", "B"]


def test_json_is_read_too(write):
    (loaded,) = files.load(
        [write('{"apiVersion": "v1", "kind": "Thing", "spec": null}', "file.json")]
    )
    assert loaded.manifest["spec"] is None


def test_a_folder_is_read_by_the_names_of_its_files(write, tmp_path):
    for name in ("b.yml", "a.yaml", "c.json"):
        write(f'{{"apiVersion": "v1", "kind": "Thing", "metadata": {{"name": "{name}"}}}}', name)
    write("not: [read", "notes.txt")
    assert [each.name for each in files.load([str(tmp_path)])] == ["a.yaml", "b.yml", "c.json"]


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(HEAD))
    (loaded,) = files.load(["-"])
    assert (loaded.file, loaded.kind) == ("stdin", "Thing")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.8", 1.8),
        ("2.0", 2),
        ("1e3", 1000),
        ("017", 15),
        ("0x1f", 31),
        ("1:30", "1:30"),
        ("2026-03-01", "2026-03-01"),
        ("yes", True),
        ("~", None),
        ('"1.8"', "1.8"),
    ],
)
def test_a_plain_value_means_what_it_means_to_kubectl(write, text, value):
    (loaded,) = files.load([write(f"{HEAD}value: {text}\n")])
    assert loaded.manifest["value"] == value
    assert type(loaded.manifest["value"]) is type(value)


def test_keys_are_text(write):
    (loaded,) = files.load([write(f"{HEAD}ports: {{8000: http}}\n")])
    assert loaded.manifest["ports"] == {"8000": "http"}


def test_anchors_and_merges_work(write):
    (loaded,) = files.load([write(f"{HEAD}a: &a {{x: 1, y: 1}}\nb: {{<<: *a, y: 2}}\n")])
    assert loaded.manifest["b"] == {"x": 1, "y": 2}


WRONG = {
    "not YAML": (
        "a: b: c",
        "not YAML: line 1, column 5: mapping values are not allowed in this context",
    ),
    "a tab": (HEAD + "\tx: 1", "not YAML: line 3, column 1: found "),
    "a control character": (HEAD + "x: \x01", "not YAML: unacceptable character"),
    "a key twice": (HEAD + "x: 1\nx: 2", "not YAML: line 4, column 1: duplicate key x"),
    "a key that is no text": (
        HEAD + "? [1]\n: 2",
        "not YAML: line 3, column 3: a key must be text",
    ),
    "a tag of Python's": (
        HEAD + "x: !!python/name:os.system",
        "not YAML: line 3, column 4: could not determine a constructor",
    ),
    "an alias within its own anchor": (
        HEAD + "x: &x {y: [*x]}",
        "not YAML: line 3, column 4: found unconstructable recursive node",
    ),
    "too many brackets": (HEAD + "x: " + "[" * 2_000 + "]" * 2_000, "is nested too deeply"),
    "a list": ("[1]", "document 1: is a list; separate the objects"),
    "text": ("hello", "document 1: is text; expected a Kubernetes object"),
    "a number": ("1.8", "document 1: is a number; expected a Kubernetes object"),
    "nothing": ("# nothing\n---\n", "is empty"),
    "no kind": (f"{HEAD}---\napiVersion: v1\n", "document 2: has no kind"),
    "no apiVersion": ("kind: Thing", "document 1: has no apiVersion"),
    "a kind that is a number": ("apiVersion: v1\nkind: 5", "document 1: must have text as kind"),
    "metadata that is no object": (
        HEAD + "metadata: [1]",
        "document 1: metadata must be an object with a name, is a list",
    ),
    "an item that is no object": (
        "apiVersion: v1\nkind: List\nitems: [1]",
        "document 1: items[0]: is a number",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_gets_one_clear_line(write, case):
    text, message = WRONG[case]
    path = write(text)
    with pytest.raises(FileError) as refused:
        files.load([path])
    assert str(refused.value).startswith(f"{path}: {message}")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match=r"absent\.yaml: cannot be read: No such file or directory"):
        files.load([str(tmp_path / "absent.yaml")])


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "image.yaml").write_bytes(b"\x89PNG\xff")
    with pytest.raises(FileError, match=r"image\.yaml: is not UTF-8 text"):
        files.load([str(tmp_path / "image.yaml")])


def test_a_folder_without_manifests_is_named(tmp_path):
    with pytest.raises(FileError, match="the folder holds no"):
        files.load([str(tmp_path)])

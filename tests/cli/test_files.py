"""Reading manifests: as kubectl reads them, and one clear line for each way a file can be wrong."""

import argparse
import contextlib
import io
import socket
import threading
import time
from pathlib import Path

import pytest

from hooks.cli import files, filetext, main
from hooks.cli.loaded import FileError

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


def test_a_list_of_nothing_is_no_mistake(write):
    """This is what kubectl prints of an empty namespace."""
    assert files.load([write("apiVersion: v1\nitems: []\nkind: List\n")]) == []


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


@pytest.fixture
def tree(write, tmp_path):
    """Return a folder with manifests in it and below it."""
    (tmp_path / "k8s" / "below").mkdir(parents=True)
    for name in ("k8s/a.yaml", "k8s/b.yml", "k8s/below/c.yaml", "d.yaml"):
        write(f"{HEAD}metadata: {{name: {Path(name).stem}}}\n", name)
    return tmp_path


def names(*given, **options):
    return [each.name for each in files.read(list(map(str, given)), **options).objects]


def test_the_folders_below_a_folder_are_read_on_demand(tree):
    assert names(tree / "k8s", recursive=True) == ["a", "b", "c"]


def test_a_folder_is_not_searched_below_unless_asked(tree):
    reading = files.read([str(tree / "k8s")])
    assert [each.file.rpartition("/")[2] for each in reading.objects] == ["a.yaml", "b.yml"]
    (tree / "top" / "below").mkdir(parents=True)
    (tree / "top" / "below" / "a.yaml").write_text(HEAD)
    (error,) = files.read([str(tree / "top")]).errors
    assert "use -R to read the folders below it" in str(error)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("k8s/*.yaml", ["a"]),
        ("k8s/?.y*ml", ["a", "b"]),
        ("k8s/**/*.yaml", ["a", "c"]),
        ("[a-d].yaml", ["d"]),
    ],
)
def test_a_pattern_is_read_as_the_files_that_match(tree, monkeypatch, pattern, found):
    monkeypatch.chdir(tree)
    assert names(pattern) == found
    assert names(tree / pattern) == found


def test_a_pattern_without_a_match_is_named(tree):
    (error,) = files.read([str(tree / "*.json")]).errors
    assert str(error).endswith("*.json: no file matches this pattern")


def test_several_files_are_read_in_their_order_and_each_once(tree):
    given = tree / "d.yaml", tree / "k8s", tree / "k8s" / "*.yaml", tree / "d.yaml"
    assert names(*given) == ["d", "a", "b"]


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    files.add_option(parser)
    return parser.parse_args(arguments)


def test_files_are_named_with_and_without_f_and_several_times(tree, monkeypatch):
    monkeypatch.chdir(tree)
    args = parsed("d.yaml", "-f", "k8s/a.yaml", "k8s/b.yml", "-f", "k8s/below/c.yaml", "-n", "nim")
    assert [each.name for each in files.given(args).objects] == ["d", "a", "b", "c"]
    assert args.namespace == "nim"


def test_what_is_read_past_is_told_on_demand(tree, monkeypatch, capsys):
    monkeypatch.chdir(tree)
    (tree / "values.yaml").write_text("replicas: 2\n")
    (tree / "empty.yaml").write_text("# nothing\n")
    (tree / "chart.yaml").write_text("a: {{ .Values.a }}\n{{ if }}\n")
    (tree / "kustomization.yaml").write_text("patches: [{path: d.yaml}]\n")
    assert [each.name for each in files.given(parsed(".")).objects] == []
    assert capsys.readouterr().err == ""
    files.given(parsed(".", "-v"))
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "read past chart.yaml: is a template",
        "read past empty.yaml: is empty",
        "read past kustomization.yaml:1:1: has neither apiVersion nor kind",
        "read past values.yaml:1:1: has neither apiVersion nor kind",
        "read past d.yaml: is a patch of a kustomization",
    ]


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
        "1:5: not YAML: mapping values are not allowed in this context",
    ),
    "a tab": (HEAD + "\tx: 1", "3:1: not YAML: found "),
    "a control character": (HEAD + "x: \x01", "not YAML: unacceptable character"),
    "a key twice": (HEAD + "x: 1\nx: 2", "4:1: not YAML: duplicate key x"),
    "a key that is no text": (
        HEAD + "? [1]\n: 2",
        "3:3: not YAML: a key must be text",
    ),
    "a tag of Python's": (
        HEAD + "x: !!python/name:os.system",
        "3:4: not YAML: could not determine a constructor",
    ),
    "an alias within its own anchor": (
        HEAD + "x: &x {y: [*x]}",
        "3:4: not YAML: found unconstructable recursive node",
    ),
    "too many brackets": (HEAD + "x: " + "[" * 2_000 + "]" * 2_000, "3:203: is nested too deeply"),
    "a list": ("[1]", "1:1: is a list; separate the objects"),
    "text": ("hello", "1:1: is text; expected a Kubernetes object"),
    "a number": ("1.8", "1:1: is a number; expected a Kubernetes object"),
    "nothing": ("# nothing\n---\n", "is empty"),
    "no kind": (f"{HEAD}---\napiVersion: v1\n", "4:1: has no kind"),
    "no apiVersion": ("kind: Thing", "1:1: has no apiVersion"),
    "a kind that is a number": ("apiVersion: v1\nkind: 5", "2:1: must have text as kind"),
    "metadata that is no object": (
        HEAD + "metadata: [1]",
        "3:1: metadata must be an object with a name, is a list",
    ),
    "an item that is no object": (
        "apiVersion: v1\nkind: List\nitems: [1]",
        "3:9: is a number",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_gets_one_clear_line(write, case):
    text, message = WRONG[case]
    path = write(text)
    with pytest.raises(FileError) as refused:
        files.load([path])
    assert str(refused.value).startswith((f"{path}: {message}", f"{path}:{message}"))
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


@pytest.fixture
def address():
    """Return a function that serves bytes, one piece after the other, and returns the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(*pieces, wait=0.0):
            def answer():
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(wait)

            threading.Thread(target=answer, daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}/nim.yaml"

        yield serve


def test_an_address_is_read_like_a_file(address):
    whole = f"\ufeff{HEAD}a: 1\n".encode()
    (loaded,) = files.load([address(whole[:20], whole[20:])])
    assert loaded.manifest["a"] == 1


def test_an_address_that_drips_is_given_up(address, monkeypatch):
    monkeypatch.setattr(filetext, "_SECONDS", 0.2)
    with pytest.raises(FileError, match=r"cannot be read: took longer than 0\.2 s"):
        files.load([address(*[b"#"] * 40, wait=0.05)])


def test_an_address_that_does_not_end_is_given_up(address, monkeypatch):
    monkeypatch.setattr(filetext, "_LARGEST", 1 << 20)
    with pytest.raises(FileError, match="cannot be read: has more than 1 MiB"):
        files.load([address(*[b"#" * (1 << 19)] * 4)])


@pytest.mark.parametrize("command", ["validate", "render", "diff", "simulate", "migrate"])
@pytest.mark.parametrize("namespace", ["Foo_Bar", "a.b", "n" * 64])
def test_a_namespace_that_none_can_have_is_a_wrong_call(command, namespace, capsys):
    assert main([command, "-n", namespace, *(["-f", "x"] * (command != "migrate"))]) == 2
    assert f'"{namespace}" is no namespace; use at most 63' in capsys.readouterr().err

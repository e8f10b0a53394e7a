"""Values with an explicit tag: they are read as text, or told at their place."""

import pytest

from hooks.cli import files
from hooks.cli.loader import read_documents

READ = {
    "!!timestamp 2001-01-01": "2001-01-01",
    "!!timestamp 2001-01-01T10:00:00Z": "2001-01-01T10:00:00Z",
    "!!binary aGVsbG8=": "hello",
    "!!str 1": "1",
    "!!int '1'": 1,
    "!!int 0x10": 16,
    "!!float '2'": 2,
    "!!float 2.5": 2.5,
    "!!bool 'no'": False,
    "!!null ''": None,
    "!!seq [a]": ["a"],
    "!!map {a: b}": {"a": "b"},
}
MISFITS = {
    "!!bool maybe": "bool",
    "!!bool ''": "bool",
    "!!int ''": "int",
    "!!int one": "int",
    "!!int 1.5": "int",
    "!!int '-'": "int",
    f"!!int 0x{'f' * 10_000}": "int",
    "9" * 5_000: "int",
    "!!float ''": "float",
    "!!float one": "float",
    "!!timestamp foo": "timestamp",
    "!!timestamp ''": "timestamp",
    "!!timestamp 2001-13-01": "timestamp",
    "!!binary a": "binary",
    "!!binary ä": "binary",
    "!!binary /w==": "binary",
    "!!map text": "map",
    "!!map [a]": "map",
    "!!seq text": "seq",
    "!!seq {a: b}": "seq",
    "!!int [a]": "int",
    "!!bool {a: b}": "bool",
}
FOREIGN = ("!!set {a, b}", "!!omap [a: 1]", "!!pairs [a: 1]", "!!set a", "!!omap a")


@pytest.mark.parametrize("text", READ)
def test_a_tag_is_read_as_json(text):
    ((document, _),) = read_documents(f"a: {text}")
    value = document["a"]
    assert (value, type(value)) == (READ[text], type(READ[text]))


def told(tmp_path, text):
    """Return the mistakes of two files, of which one has a value."""
    wrong, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    wrong.write_text(f"apiVersion: v1\nkind: Thing\nx: {text}\n")
    other.write_text("apiVersion: v1\nkind: Other\n")
    reading = files.read([str(wrong), str(other)])
    assert [each.kind for each in reading.objects] == ["Other"]
    (error,) = reading.errors
    return str(error).removeprefix(str(wrong))


@pytest.mark.parametrize("text", MISFITS, ids=lambda text: text[:30])
def test_a_value_that_does_not_fit_its_tag_is_told(tmp_path, text):
    assert told(tmp_path, text) == (
        f":3:4: not YAML: a value does not fit its tag !!{MISFITS[text]}; "
        "correct the value, or remove the tag and put text in quotes"
    )


@pytest.mark.parametrize("text", FOREIGN)
def test_a_tag_that_json_lacks_is_told(tmp_path, text):
    tag = text.split()[0]
    assert told(tmp_path, text) == (
        f":3:4: not YAML: a Kubernetes object has no {tag}; "
        "write a list or an object, without the tag"
    )

"""YAML text: blocks, no aliases, characters as they are, and the keys in an order."""

import pytest
import yaml

from hooks.kernel.yamltext import dumped


def test_a_text_of_several_lines_is_a_block():
    assert dumped({"script": "set -e\nexit 1\n"}) == "script: |\n  set -e\n  exit 1\n"


def test_a_value_that_occurs_twice_is_written_twice():
    shared = {"a": 1}
    assert dumped([shared, shared]) == "- a: 1\n- a: 1\n"


def test_characters_stay_as_they_are():
    assert dumped({"change": "1 → 2"}) == "change: 1 → 2\n"


def test_keys_are_sorted_or_keep_their_order():
    assert dumped({"b": 1, "a": 2}) == "a: 2\nb: 1\n"
    assert dumped({"b": 1, "a": 2}, sort_keys=False) == "b: 1\na: 2\n"


@pytest.mark.parametrize("text", ["y", "N", "1e3", "12345e12", "0o17", "1.", ".5", "on", "0x1f"])
def test_a_text_that_kubectl_takes_for_something_else_is_quoted(text):
    assert dumped({"name": text}) == f"name: '{text}'\n"


@pytest.mark.parametrize("text", ["llama", "yes-man", "10.96.0.10", "1.12.0", "40Gi", "e3"])
def test_other_texts_are_not(text):
    assert dumped({"name": text}) == f"name: {text}\n"


def test_it_reads_back():
    value = {"text": "yes", "empty": "", "lines": "a\nb", "list": [1, None, {"x": True}]}
    assert yaml.safe_load(dumped(value)) == value

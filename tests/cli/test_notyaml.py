"""What to do about a text that is no YAML."""

import contextlib

import pytest
import yaml

from hooks.cli.loader import read_documents
from hooks.cli.notyaml import remedy

COLUMNS = "begin the fields of one object at the same column"
MISTAKES = {
    "a tab before a key": ("a:\n\tb: 1", "indent by spaces, because YAML takes no tab there"),
    "a tab after spaces": ("a:\n  b: 1\n  \tc: 2", "indent by spaces"),
    "a tab in a deeper line": ("a:\n  b: 1\n\tc: 2", "indent by spaces"),
    "one space too few": (
        "a:\n  b: 1\n c: 2",
        f"line 2 begins at column 3, this one at 2; {COLUMNS}",
    ),
    "one space too many": ("a: 1\n  b: 2", f"line 1 begins at column 1, this one at 3; {COLUMNS}"),
    "a comment between": ("a:\n  b: 1\n# so\n\n c: 2", "line 2 begins at column 3, this one at 2"),
    "no space after a colon": ("a:b\nc: d", "write a space after the colon in line 1"),
    "no space after a colon, deeper": (
        "x:\n  - a:b\n    c: d",
        "a space after the colon in line 2",
    ),
    "a value with a colon": ("a: b: c", "put a value with a colon in quotes"),
    "an open bracket": ("a: [1, 2\nb: 3", "close the bracket of line 1 by ]"),
    "an open brace": ("x: 1\na: {b: c\nd: e", "close the bracket of line 2 by }"),
    "an open quote": ('a: "x', "close the quotes"),
    "text after a quote": ('a: "x" y', "put the whole value in quotes, and none within it"),
    "an at sign": ("a: @x", "put a value that begins with @ in quotes"),
    "a percent sign": ("a: %x", "put a value that begins with % in quotes"),
    "a star": ("a: *x", "put a value that begins with * in quotes"),
    "a tag": ("a: !x y", ""),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_has_its_remedy(case):
    text, words = MISTAKES[case]
    with pytest.raises(yaml.MarkedYAMLError) as refused:
        list(read_documents(text))
    found = remedy(refused.value, text)
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize("at", range(60))
def test_no_text_is_too_odd(at):
    text = 'a:\n\t- {b: [c, \'d\n  e: "f" g: @h\n*i: %j\n---\n? k\n: - l\n m: n'
    for part in (text[at:], text[:at], text[:at] + text[at + 1 :]):
        with contextlib.suppress(yaml.YAMLError):
            told(part)


def told(text):
    try:
        list(read_documents(text))
    except yaml.MarkedYAMLError as error:
        found = remedy(error, text)
        assert "\n" not in found

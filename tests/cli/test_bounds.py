"""YAML that is too deep or too large is refused before a node of it is made."""

import pytest

from hooks.cli import bounds, files
from hooks.cli.bounds import DEEPEST, REPEATED, OutOfBounds
from hooks.cli.loader import read_documents

HEAD = "apiVersion: v1\nkind: Thing\n"
DEEP = f"is nested too deeply, in more than {DEEPEST} levels of lists and objects; remove levels"
LARGE = f"the aliases up to here repeat more than {REPEATED} values; use fewer aliases such as *"


def doubled(first, line):
    """Return lines of which each has the one before it many times."""
    return f"x0: &x0 {first}\n" + "".join(
        line.format(name=f"x{at}", all=", ".join([f"*x{at - 1}"] * 10)) + "\n"
        for at in range(1, 10)
    )


TOO_MUCH = {
    "brackets": (HEAD + "x: " + "[" * 200_000, f"3:{3 + DEEPEST}: {DEEP}"),
    "braces": (HEAD + "x: " + "{a: " * 50_000, DEEP),
    "dashes": (HEAD + "x:\n" + "- " * 50_000, DEEP),
    "question marks": ("? " * 50_000, DEEP),
    "indents": ("".join(" " * at + "a:\n" for at in range(400)), DEEP),
    "levels by alias": (
        HEAD + "x0: &x0 []\n" + "".join(f"x{at}: &x{at} [*x{at - 1}]\n" for at in range(1, 400)),
        DEEP,
    ),
    "lists": (HEAD + doubled("[a]", "{name}: &{name} [{all}]"), f"8:25: {LARGE}x4"),
    "merges": (HEAD + doubled("{a: b}", "{name}: &{name} {{<<: [{all}]}}"), LARGE),
    "lists of lists": (
        "apiVersion: v1\nkind: List\nitems: []\n"
        + doubled(
            "{apiVersion: v1, kind: Thing}",
            "{name}: &{name} {{apiVersion: v1, kind: List, items: [{all}]}}",
        ),
        LARGE,
    ),
    "a long text": (
        HEAD + f"a: &a {'b' * 100_000}\nx: [{', '.join(['*a'] * 1_000)}]",
        f"{LARGE}a",
    ),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_too_much_is_refused_at_its_place(tmp_path, case):
    text, words = TOO_MUCH[case]
    file = tmp_path / "file.yaml"
    file.write_text(text)
    reading = files.read([str(file)])
    (error,) = reading.errors
    assert words in str(error)
    assert error.place.line
    assert not reading.objects


@pytest.mark.parametrize("case", TOO_MUCH)
def test_the_documents_before_it_are_read(case):
    read = read_documents(f"a: 1\n---\n{TOO_MUCH[case][0]}")
    assert next(read)[0] == {"a": 1}
    with pytest.raises(OutOfBounds):
        next(read)


def test_the_limits_themselves_are_no_mistake():
    ((deepest, _),) = read_documents("[" * DEEPEST + "]" * DEEPEST)
    levels = 0
    while deepest:
        (deepest,) = deepest
        levels += 1
    assert levels == DEEPEST - 1
    many = f"[&a [b, c, d], {', '.join(['*a'] * (REPEATED // 4))}]"
    ((repeated, _),) = read_documents(many)
    assert len(repeated) == 1 + REPEATED // 4
    with pytest.raises(OutOfBounds):
        list(read_documents(many.replace("]", ", *a]").replace("d, *a]", "d]")))


def test_values_without_an_alias_have_no_limit(monkeypatch):
    monkeypatch.setattr(bounds, "REPEATED", 10)
    ((many, _),) = read_documents(f"[{', '.join(['&a b'] + ['a'] * 100)}]")
    assert len(many) == 101


def test_each_document_has_aliases_of_its_own(monkeypatch):
    monkeypatch.setattr(bounds, "REPEATED", 10)
    text = f"[&a b, {', '.join(['*a'] * 10)}]"
    assert len(list(read_documents("\n---\n".join([text] * 5)))) == 5

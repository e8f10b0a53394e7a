"""Words: what others wrote, made fit for a condition."""

import pytest

from hooks.kernel import prose


def test_a_text_becomes_one_line_without_escape_sequences() -> None:
    assert prose.one_line(" a\r\n\tb \x1b[1;31mred\x1b[0m\x00\u202ec ") == "a b red c"


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[2J",
        "\x1b[?25l",
        "\x9b31m",
        "\x1b]0;title\x07",
        "\x1b]8;;https://evil.example.com\x1b\\",
        "\x9d52;c;ZXZpbA==\x9c",
        "\x1bP$q\x1b\\",
        "\x1b",
        "\x00\x08\x7f\x85",
        "\u200b\u2028\u2066",
    ],
)
def test_nothing_is_left_for_a_terminal_to_obey(sequence) -> None:
    assert prose.one_line(f"a {sequence} b") == "a b"


def test_a_printable_text_stays() -> None:
    assert prose.one_line("größer als 1 GiB – 模型") == "größer als 1 GiB – 模型"


@pytest.mark.parametrize("letter", ["a", "é", "模", "😀"])
@pytest.mark.parametrize("most", [5, 6, 7, 8, 100])
def test_a_text_is_cut_to_its_bytes_between_characters(letter: str, most: int) -> None:
    cut = prose.shortened(letter * 200, most)
    assert len(cut.encode()) <= most
    assert cut.rstrip("…").strip(letter) == ""
    assert cut.endswith("…")


def test_a_text_that_fits_is_not_cut() -> None:
    assert prose.shortened("é" * 50, 100) == "é" * 50


def test_the_last_lines_are_kept_as_far_as_they_fit() -> None:
    assert prose.last_lines("one\ntwo\n\nthree\nfour\n\n") == "two / three / four"
    assert (
        prose.last_lines(f"{'a' * 50}\n{'b' * 50}\n{'c' * 50}", 110) == f"{'b' * 50} / {'c' * 50}"
    )
    assert prose.last_lines("a" * 5000, 100) == "a" * 97 + "…"
    assert prose.last_lines("\n \n") == ""


def test_words_are_quoted_and_no_words_are_not() -> None:
    assert prose.quoted("no such host") == ' ("no such host")'
    assert prose.quoted("") == ""


def test_a_report_is_its_reason_and_its_message_as_far_as_there_are() -> None:
    assert prose.reported("FailedCreate", "over\nquota") == "FailedCreate: over quota"
    assert prose.reported("", "over quota") == "over quota"
    assert prose.reported("FailedCreate", "") == "FailedCreate"
    assert prose.reported("R" * 99, "m" * 999, 200) == f"{prose.of('R' * 99, 64)}: {'m' * 197}…"


def test_a_list_of_names_is_sorted_and_short() -> None:
    assert prose.listed(["b", "a", "b"]) == "a, b"
    assert prose.listed("edcba") == "a, b, c and 2 more"
    assert prose.listed([]) == ""

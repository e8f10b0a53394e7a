"""Terminal: colours for a stream that is a terminal, and nothing else that it would obey."""

import os
import sys

TYPE_CHECKING = False  # loading typing, re and textwrap takes longer than a whole `--help`
if TYPE_CHECKING:
    import re
    from typing import Any, Literal, TextIO

    Style = Literal["bold", "dim", "red", "green", "yellow", "cyan"]

_CODES: "dict[Style, int]" = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}


def coloured(stream: "TextIO") -> bool:
    """Whether a stream gets colours: a terminal, unless ``NO_COLOR`` or ``TERM=dumb`` is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, style: "Style", stream: "TextIO") -> str:
    """Return the text in a style if the stream gets colours, else unchanged."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if coloured(stream) else text


def width() -> int:
    """Return the columns of the terminal, at most 120: longer lines are hard to read."""
    import shutil  # noqa: PLC0415 - see above

    return min(shutil.get_terminal_size().columns, 120)


def wrapped(text: str, indent: str, more: str = "  ", columns: int = 0) -> str:
    """Return a text wrapped to the terminal or to some columns, its further lines indented more."""
    import textwrap  # noqa: PLC0415 - see above

    return textwrap.fill(
        text,
        columns or width(),
        initial_indent=indent,
        subsequent_indent=f"{indent}{more}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def tell(line: str, stream: "TextIO | None" = None) -> None:
    """Print a line for a person: a terminal gets it wrapped, its further lines indented."""
    stream = sys.stdout if stream is None else stream
    if not stream.isatty() or len(line) <= width():
        print(line, file=stream)
        return
    start = line[: len(line) - len(line.lstrip())]
    print(wrapped(line.strip(), start, "    "), file=stream)


def fitted(text: str, columns: int = 0) -> str:
    """Return a text whose lines fit; the meaning of an example goes below it where both do not."""
    columns = columns or width()
    return "\n".join(_fitted(line, columns) for line in text.split("\n"))


def _fitted(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    example, _, meaning = line.rpartition("  ")
    indent = line[: len(line) - len(line.lstrip())]
    if indent and example.strip() and len(example.rstrip()) <= columns:
        return f"{example.rstrip()}\n{_fitted(f'{indent}    {meaning.strip()}', columns)}"
    return wrapped(line.strip(), indent, "  " if indent else "", columns)


def guarded() -> "_Guard":
    """Write to the standard streams without what a terminal would obey, whoever wrote it.

    Files and clusters have text of others, and each command prints some of it.
    """
    return _Guard()


class _Guard:
    def __enter__(self) -> None:
        self._streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (_Guarded(each) for each in self._streams)

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._streams


class _Guarded:
    """A text stream that shows a replacement character for what a terminal would obey."""

    def __init__(self, stream: "TextIO") -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text."""
        return self._stream.write(_shown(text))

    def writelines(self, lines: list[str]) -> None:
        """Write texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._stream, name)


def _shown(text: str) -> str:
    # No printable character is obeyed, and tab and newline are wanted.
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return _obeyed().sub("\N{REPLACEMENT CHARACTER}", text)


def _obeyed() -> "re.Pattern[str]":
    import re  # noqa: PLC0415 - see above

    return re.compile(
        "\x1b(?!\\[(?:0|1|2|31|32|33|36)m)"  # all but the colours above
        "|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]"  # control characters but tab and newline
        "|[\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # the direction of writing
    )

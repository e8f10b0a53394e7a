"""Terminal: colours for a stream that is a terminal."""

import os
from typing import Literal, TextIO

Style = Literal["bold", "dim", "red", "green", "yellow", "cyan"]
_CODES: dict[Style, int] = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}


def coloured(stream: TextIO) -> bool:
    """Whether a stream gets colours: a terminal, unless ``NO_COLOR`` or ``TERM=dumb`` is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, style: Style, stream: TextIO) -> str:
    """Return the text in a style if the stream gets colours, else unchanged."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if coloured(stream) else text

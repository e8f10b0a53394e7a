"""Terminal: colours, where there is somebody to see them."""

import os
from typing import Literal, TextIO

Style = Literal["bold", "dim", "red", "green", "yellow", "cyan"]
_CODES: dict[Style, int] = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}


def coloured(stream: TextIO) -> bool:
    """Return whether a stream takes colours: it is a terminal, and neither ``NO_COLOR`` nor ``TERM=dumb`` forbids them."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, style: Style, stream: TextIO) -> str:
    """Return the text in a style where the stream takes colours, else as it is."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if coloured(stream) else text

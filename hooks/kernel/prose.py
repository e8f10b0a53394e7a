"""Prose: external text made fit for a condition: one line, of bounded length, without secrets."""

import re
from collections.abc import Iterable

from hooks.kernel import secret

_READ = 4096
"""Characters to read, as many as a kubelet keeps of a termination message; bounds hostile text."""

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-9;:?]*[ -/]*[@-~]"  # colours, and where the cursor goes
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links
)


def one_line(text: str) -> str:
    """Return a text as one line, without escape sequences and invisible characters."""
    if not text.isprintable():
        text = "".join(each if each.isprintable() else " " for each in _ESCAPES.sub("", text))
    return " ".join(text.split())


def shortened(text: str, most: int) -> str:
    """Return a text cut at its end to at most ``most`` bytes of UTF-8."""
    if len(text) <= most // 4:  # no character has more than four bytes
        return text
    encoded = text.encode(errors="replace")
    return (
        text if len(encoded) <= most else encoded[: most - 3].decode(errors="ignore").rstrip() + "…"
    )


def of(text: str, most: int = 300, secrets: Iterable[str] = ()) -> str:
    """Return external text as one line, redacted and cut to ``most`` bytes.

    Redacted are the given secrets and everything that looks like one.
    """
    line = one_line(text[:_READ])
    for known in secrets:
        line = line.replace(known, secret.HIDDEN)
    return shortened(secret.hidden(line), most)


def last_lines(text: str, most: int = 300, secrets: Iterable[str] = ()) -> str:
    """Return the last lines of a text, at most three, redacted: programs name an error last."""
    text = secret.without_blocks(text[-_READ:])
    lines = [line for line in map(one_line, text.splitlines()) if line]
    last = [of(line, most, secrets) for line in lines[-3:]]
    while len(last) > 1 and len(" / ".join(last).encode()) > most:
        last.pop(0)
    return " / ".join(last)


def reported(reason: str, message: str, most: int = 300) -> str:
    """Return what a controller reports, as ``reason: message``, each part only if there is one."""
    return ": ".join(filter(None, (of(reason, 64), of(message, most))))


def quoted(text: str) -> str:
    """Return a text in quotation marks and parentheses, to follow a sentence; nothing if empty."""
    return f' ("{text}")' if text else ""


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return at most ``most`` names as a sorted list, with the number of the others."""
    unique = sorted(set(names))
    rest = f" and {len(unique) - most} more" if len(unique) > most else ""
    return ", ".join(unique[:most]) + rest

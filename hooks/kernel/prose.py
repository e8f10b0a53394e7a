"""Prose: external text made fit for a condition: one line, of bounded length, without secrets."""

import re
from collections.abc import Iterable

_READ = 4096
"""Characters to read, as many as a kubelet keeps of a termination message; bounds hostile text."""

_ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")
_HIDDEN = "[hidden]"
_SECRETS = (
    # The query of a URL may carry a signature, and does not help a reader.
    (re.compile(r"(https?://[^\s\"?]{1,512})\?[^\s\"]*?(?=[:,.]?(?:[\s\"]|$))"), r"\1"),
    # Keys of NGC, Hugging Face, OpenAI, GitHub, GitLab and AWS, and JSON web tokens.
    (
        re.compile(
            r"\b(?:nvapi-|hf_|sk-|gh[opusr]_|github_pat_|glpat-|AKIA|eyJ)[A-Za-z0-9_.-]{8,}"
        ),
        _HIDDEN,
    ),
    (re.compile(r"(://)[^/\s:@]{1,256}:[^/\s@]{1,256}@"), rf"\1{_HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+(?=\S{0,64}\d)\S{8,}"), rf"\1 {_HIDDEN}"),
    (
        re.compile(
            r"(?i)((?:key|token|secret|passw(?:or)?d|credentials?|signature)[\"']?=)"
            r"[\"']?[^\s\"',;&]+"
        ),
        rf"\1{_HIDDEN}",
    ),
    # "token: unexpected status" is prose. A secret has a digit.
    (
        re.compile(
            r"(?i)((?:key|token|secret|passw(?:or)?d|credentials?)[\"']?\s?:\s?)"
            r"[\"']?(?=[^\s\"',;]{0,64}\d)[^\s\"',;]{6,}"
        ),
        rf"\1{_HIDDEN}",
    ),
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
    for secret in secrets:
        line = line.replace(secret, _HIDDEN)
    for pattern, replacement in _SECRETS:
        line = pattern.sub(replacement, line)
    return shortened(line, most)


def last_lines(text: str, most: int = 300, secrets: Iterable[str] = ()) -> str:
    """Return the last lines of a text, at most three, redacted: programs name an error last."""
    lines = [line for line in map(one_line, text[-_READ:].splitlines()) if line]
    last = [of(line, most, secrets) for line in lines[-3:]]
    while len(last) > 1 and len(" / ".join(last).encode()) > most:
        last.pop(0)
    return " / ".join(last)


def quoted(text: str) -> str:
    """Return a text in quotation marks and parentheses, to follow a sentence; nothing if empty."""
    return f' ("{text}")' if text else ""


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return at most ``most`` names as a sorted list, with the number of the others."""
    unique = sorted(set(names))
    rest = f" and {len(unique) - most} more" if len(unique) > most else ""
    return ", ".join(unique[:most]) + rest

"""Words: what others wrote, made fit for a condition: one line, of bounded length, without what looks like a secret."""

import re
from collections.abc import Iterable

_READ = 4096
"""Characters that are looked at, as many as a kubelet keeps of a termination message: hostile text costs no more than that."""

_ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")
_HIDDEN = "[hidden]"
_SECRETS = (
    # What follows the question mark of an address may be signed, and tells people nothing.
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
            r"(?i)((?:key|token|secret|passw(?:or)?d|credentials?|signature)[\"']?=)[\"']?[^\s\"',;&]+"
        ),
        rf"\1{_HIDDEN}",
    ),
    # "token: unexpected status" is prose; a value has a digit.
    (
        re.compile(
            r"(?i)((?:key|token|secret|passw(?:or)?d|credentials?)[\"']?\s?:\s?)[\"']?(?=[^\s\"',;]{0,64}\d)[^\s\"',;]{6,}"
        ),
        rf"\1{_HIDDEN}",
    ),
)


def one_line(text: str) -> str:
    """Return a text on one line, without escape sequences and characters that cannot be seen."""
    if not text.isprintable():
        text = "".join(each if each.isprintable() else " " for each in _ESCAPES.sub("", text))
    return " ".join(text.split())


def shortened(text: str, most: int) -> str:
    """Return a text cut at its end to at most so many bytes of UTF-8."""
    if len(text) <= most // 4:  # no character has more than four bytes
        return text
    encoded = text.encode(errors="replace")
    return (
        text if len(encoded) <= most else encoded[: most - 3].decode(errors="ignore").rstrip() + "…"
    )


def of(text: str, most: int = 300, secrets: Iterable[str] = ()) -> str:
    """Return what others wrote in at most so many bytes, without secrets, those that are known and those that look like one."""
    said = one_line(text[:_READ])
    for secret in secrets:
        said = said.replace(secret, _HIDDEN)
    for pattern, instead in _SECRETS:
        said = pattern.sub(instead, said)
    return shortened(said, most)


def last_lines(text: str, most: int = 300, secrets: Iterable[str] = ()) -> str:
    """Return the last lines of a text, at most three: an error is named at the end."""
    lines = [line for line in map(one_line, text[-_READ:].splitlines()) if line]
    said = [of(line, most, secrets) for line in lines[-3:]]
    while len(said) > 1 and len(" / ".join(said).encode()) > most:
        said.pop(0)
    return " / ".join(said)


def quoted(said: str) -> str:
    """Return words in quotation marks and parentheses, as they follow a sentence; nothing for no words."""
    return f' ("{said}")' if said else ""


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return names as a list with at most so many of them."""
    kept = sorted(set(names))
    return ", ".join(kept[:most]) + (f" and {len(kept) - most} more" if len(kept) > most else "")

"""Message: requests and replies, independent of sockets."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from hooks.kernel.protocol import BadRequest

ReadBody = Callable[[int], Awaitable[bytes]]
"""Reads a request's body of at most so many bytes.

It raises BadRequest if the body is larger, cut off, or too slow.
"""


class Asked(NamedTuple):
    """The head of a request."""

    method: str
    target: str
    """Path and query as they were sent."""
    authorization: str = ""
    """Value of the header ``Authorization``; empty for none or several."""

    @property
    def path(self) -> str:
        """The path, unescaped."""
        return unquote(self.target.partition("?")[0])

    def query(self, name: str) -> str | None:
        """Return the first value of a parameter, or None."""
        return parse_qs(self.target.partition("?")[2]).get(name, [None])[0]


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers."""


class Refusal(BadRequest):
    """A refusal with further headers."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str]) -> None:
        super().__init__(status, message)
        self.headers = headers

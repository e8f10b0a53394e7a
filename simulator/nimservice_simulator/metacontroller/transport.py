"""Transport: how the loop calls a hook: over HTTP, or a function in this process."""

import http.client
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

import orjson

from hooks.cluster.api import Object


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    """Header names in lower case."""
    body: bytes


class TransportError(Exception):
    """No answer came: refused, cut off or too late."""


class Transport(Protocol):
    """Whatever brings a request to a hook."""

    def call(self, url: str, request: Object) -> Answer:
        """Post a request to a hook's URL and return the answer.

        Raise TransportError if none comes.
        """


class InProcess:
    """Calls a function with the URL's path, query included, and the body's bytes."""

    def __init__(
        self, handle: Callable[[str, bytes], tuple[int, Mapping[str, str], bytes]]
    ) -> None:
        self._handle = handle

    def call(self, url: str, request: Object) -> Answer:
        """Hand a request to the function and return its answer."""
        status, headers, body = self._handle(_path(url), _encoded(request))
        return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


class OverHttp:
    """Posts to a server, over one connection that is kept open; redirects are not followed."""

    def __init__(self, base_url: str = "", *, timeout: float = 10) -> None:
        self._base_url = base_url
        self._timeout = timeout
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def call(self, url: str, request: Object) -> Answer:
        """Post a request and return the answer.

        With a base URL only the path of the hook's URL is used.
        """
        target = self._base_url.rstrip("/") + _path(url) if self._base_url else url
        place = urlsplit(target).netloc
        connection = self._connections.get(place) or self._connections.setdefault(
            place, self._connect(target)
        )
        try:
            connection.request(
                "POST", _path(target), _encoded(request), {"Content-Type": "application/json"}
            )
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise TransportError(f"http error: {str(error) or type(error).__name__}") from error
        return Answer(
            response.status, {name.lower(): value for name, value in response.getheaders()}, body
        )

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            connection.close()

    def _connect(self, target: str) -> http.client.HTTPConnection:
        parts = urlsplit(target)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        return kind(parts.netloc, timeout=self._timeout)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _encoded(request: Object) -> bytes:
    return orjson.dumps(request)

"""Connection: HTTP to the API server that a kubeconfig names, JSON in and out, refusals as exceptions.

lightkube reads the kubeconfig and authenticates. Its verbs are not used: they know no discovery and no deletion by uid.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import httpx2
import orjson
from lightkube import KubeConfig
from lightkube.config import client_adapter
from lightkube.core.exceptions import ConfigError

from hooks.cluster import api
from hooks.cluster.api import ApiError, Object

_ERRORS: dict[str, type[ApiError]] = {
    kind.reason: kind
    for kind in (
        api.BadRequest,
        api.Forbidden,
        api.NotFound,
        api.AlreadyExists,
        api.Conflict,
        api.Invalid,
    )
}
_TIMEOUT = 30.0
"""Seconds for one request: an API server that is busy with new CustomResourceDefinitions takes some."""

_TRIES = 10
"""How often a request is made that the API server answers with 429, as it does while it sets a new kind up."""


class Unreachable(ApiError):
    """No answer came: the API server is not there, or does not speak to us."""

    code = 503
    reason = "ServiceUnavailable"


class Connection:
    """The API server of one kubeconfig; may be used by several threads."""

    def __init__(self, kubeconfig: Path | str) -> None:
        try:
            config = KubeConfig.from_file(kubeconfig).get()
            parameters = client_adapter.ConnectionParams(timeout=httpx2.Timeout(_TIMEOUT))
            self._client = client_adapter.Client(config, parameters)  # type: ignore[arg-type] # with a context or an exception
        except (ConfigError, KeyError, AssertionError, OSError) as error:
            raise Unreachable(f"kubeconfig {kubeconfig}: {error}") from error

    def request(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        *,
        content_type: str = "application/json",
        **query: str,
    ) -> Object:
        """Send a request and return the object in the answer; raise ApiError for anything but success."""
        content = None if body is None else orjson.dumps(body)
        for tries_left in reversed(range(_TRIES)):
            with _reaching():
                response = self._client.request(
                    method,
                    path,
                    content=content,
                    params=query,
                    headers={"Content-Type": content_type},
                )
            if response.is_success:
                answer: Object = orjson.loads(response.content)
                return answer
            if response.status_code != 429 or not tries_left:
                raise refusal(response.status_code, response.content)
            time.sleep(_seconds(response.headers.get("Retry-After", "")))
        raise AssertionError("the last try returns or raises")

    def stream(
        self, path: str, on_open: Callable[["Stream"], None], query: Mapping[str, str]
    ) -> Iterator[Object]:
        """Yield the objects of an answer that goes on, one a line, until it ends or the stream is closed."""
        timeout = httpx2.Timeout(_TIMEOUT, read=None)
        with (
            _reaching(),
            self._client.stream("GET", path, params=dict(query), timeout=timeout) as response,
        ):
            on_open(Stream(response))
            if not response.is_success:
                raise refusal(response.status_code, response.read())
            for line in response.iter_lines():
                yield orjson.loads(line)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Stream:
    """An answer that goes on, which another thread may end."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def close(self) -> None:
        """End it: the reader finds nothing more."""
        connection: socket.socket | None = self._response.extensions[
            "network_stream"
        ].get_extra_info("socket")
        with contextlib.suppress(OSError):
            if connection is not None:
                connection.shutdown(socket.SHUT_RDWR)


def refusal(code: int, body: bytes) -> ApiError:
    """Return the exception for an answer other than success; its text is what the API server says."""
    try:
        status: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        status = None
    if not isinstance(status, dict):
        status = {"message": body.decode(errors="replace").strip()[:500]}
    by_reason = _ERRORS.get(str(status.get("reason")))
    found = by_reason or (
        api.NotFound if code == api.NotFound.code else ApiError
    )  # of a group that is not served the server says it in plain text
    error = found(status.get("message") or f"HTTP {code}")
    error.code, error.reason = code, str(status.get("reason") or error.reason)
    return error


def _seconds(retry_after: str) -> int:
    return min(int(retry_after), 5) if retry_after.isdecimal() else 1


@contextlib.contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (httpx2.HTTPError, ConfigError, OSError) as error:
        raise Unreachable(
            f"the API server cannot be reached: {str(error) or type(error).__name__}"
        ) from error

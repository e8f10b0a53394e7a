"""Connection: HTTP to the API server of a kubeconfig, with JSON bodies, and errors as exceptions.

lightkube reads the kubeconfig and authenticates. Its verbs lack discovery and deletion by uid, so
this module sends the requests itself.
"""

import contextlib
import time
from collections.abc import Iterator
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
"""Seconds for one request: an API server is slow while it sets up CustomResourceDefinitions."""

_TRIES = 10
"""Attempts at a request that gets 429, as the API server answers while it sets up a new kind."""


class Unreachable(ApiError):
    """The API server does not answer, or not to us."""

    code = 503
    reason = "ServiceUnavailable"


class Connection:
    """The API server of one kubeconfig; safe for several threads."""

    def __init__(self, kubeconfig: Path | str) -> None:
        try:
            config = KubeConfig.from_file(kubeconfig).get()
            parameters = client_adapter.ConnectionParams(timeout=httpx2.Timeout(_TIMEOUT))
            self._client = client_adapter.Client(config, parameters)  # type: ignore[arg-type]
        except KeyError as error:
            raise Unreachable(f"kubeconfig {kubeconfig}: has no {error}") from error
        except (ConfigError, AssertionError, OSError) as error:
            raise Unreachable(f"kubeconfig {kubeconfig}: {error}") from error

    def request(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        *,
        content_type: str = "application/json",
        accept: str = "application/json",
        **query: str,
    ) -> Object:
        """Send a request and return the object in the answer; raise ApiError for an error."""
        content = None if body is None else orjson.dumps(body)
        for tries_left in reversed(range(_TRIES)):
            with reaching():
                response = self._client.request(
                    method,
                    path,
                    content=content,
                    params=query,
                    headers={"Content-Type": content_type, "Accept": accept},
                )
            if response.is_success:
                answer: Object = orjson.loads(response.content)
                return answer
            if response.status_code != 429 or not tries_left:
                raise refusal(response.status_code, response.content)
            time.sleep(_seconds(response.headers.get("Retry-After", "")))
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def refusal(code: int, body: bytes) -> ApiError:
    """Return the exception for an error answer, with the API server's message."""
    try:
        status: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        status = None
    if not isinstance(status, dict):
        status = {"message": body.decode(errors="replace").strip()[:500]}
    # For a group that it does not serve, the API server answers 404 in plain text.
    by_code = api.NotFound if code == api.NotFound.code else ApiError
    kind = _ERRORS.get(str(status.get("reason"))) or by_code
    error = kind(status.get("message") or f"HTTP {code}")
    error.code, error.reason = code, str(status.get("reason") or error.reason)
    return error


def _seconds(retry_after: str) -> int:
    return min(int(retry_after), 5) if retry_after.isdecimal() else 1


@contextlib.contextmanager
def reaching() -> Iterator[None]:
    """Turn what keeps a request from its answer into Unreachable."""
    try:
        yield
    except (httpx2.HTTPError, ConfigError, OSError) as error:
        raise Unreachable(
            f"cannot reach the API server: {str(error) or type(error).__name__}"
        ) from error

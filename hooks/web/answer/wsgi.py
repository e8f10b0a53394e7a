"""WSGI: calls the application with a request that is there as a whole."""

import io
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask

from hooks.web.message import Asked, Reply
from hooks.web.telemetry import Exchange

EXCHANGE = "hooks.exchange"
"""Where the environment holds what is known of the request, for the log and the metrics."""


def call(app: Flask, asked: Asked, body: bytes, exchange: Exchange) -> Reply:
    """Return the application's answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[..., object]:
        started.append((status, headers))
        return lambda _: None

    parts = app(_environment(asked, body, exchange), start)
    answer = b"".join(parts)
    status, headers = started[0]
    given = {name: value for name, value in headers if name.lower() != "content-length"}
    return Reply(int(status[:3]), answer, given.pop("Content-Type"), given)


def _environment(asked: Asked, body: bytes, exchange: Exchange) -> dict[str, Any]:
    path, _, query = asked.target.partition("?")
    return {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),  # as PEP 3333 asks
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "hooks",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        EXCHANGE: exchange,
    }

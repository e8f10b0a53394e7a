"""Front: takes a request from the event loop to the application, once it is there as a whole.

It answers probes itself, looks at the token before the body is read, and bounds the time of an
answer. So neither a slow caller nor one without a token gets a thread.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from hooks import __version__
from hooks.kernel.protocol import BadRequest
from hooks.kernel.resource import HOOKS, Resource
from hooks.resources import RESOURCES, Settings
from hooks.web.answer import failure, token, wsgi
from hooks.web.answer.app import create_app
from hooks.web.message import Asked, ReadBody, Refusal, Reply
from hooks.web.telemetry import Exchange

PROBES = ("/healthz", "/readyz")

_LONGEST = 10  # seconds: Metacontroller gives up then


class Front:
    """The application of the resources behind an event loop; it runs in the loop's own threads."""

    def __init__(self, settings: Settings, resources: Sequence[Resource[Any]] = RESOURCES) -> None:
        self.settings = settings
        self._app = create_app(settings, resources)
        self._served = {each.path for each in resources}
        self._tokens = token.tokens(settings)
        self._scrape = asyncio.Lock()

    async def answer(self, asked: Asked, body: ReadBody) -> Reply:
        """Answer a request; the body is read only after the head is accepted."""
        exchange = Exchange(*self._subject(asked.path))
        try:
            reply = await _in_time(self._reply(asked, body, exchange))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            reply = failure.explained(error, exchange)
        if asked.path not in (*PROBES, "/metrics"):  # they would fill the log
            exchange.tell(reply.status, len(reply.body))
        return reply

    def refuse(self, refusal: BadRequest) -> Reply:
        """Answer a caller whose request cannot be read."""
        exchange = Exchange("other", "other")
        reply = failure.explained(refusal, exchange)
        exchange.tell(reply.status, len(reply.body))
        return reply

    def _subject(self, path: str) -> tuple[str, str]:
        """Return the path of a resource and its hook; ``other`` twice for any other path."""
        _, served, hook = (*path.split("/", 2), "", "")[:3]
        return (served, hook) if served in self._served and hook in HOOKS else ("other", "other")

    async def _reply(self, asked: Asked, body: ReadBody, exchange: Exchange) -> Reply:
        if asked.path in PROBES and asked.method in ("GET", "HEAD"):
            return Reply(200, b"ok\n", "text/plain; charset=utf-8")
        if asked.path == "/metrics":
            async with self._scrape:  # one thread, however many callers
                return await self._call(asked, b"", exchange)
        if exchange.hook not in HOOKS or asked.method != "POST":
            return await self._call(asked, b"", exchange)
        self._admit(asked, exchange)
        read = await body(self.settings.max_body_bytes)
        exchange.bytes_in = len(read)
        return await self._call(asked, read, exchange)

    async def _call(self, asked: Asked, body: bytes, exchange: Exchange) -> Reply:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, wsgi.call, self._app, asked, body, exchange)

    def _admit(self, asked: Asked, exchange: Exchange) -> None:
        """Refuse a caller without a token, and a request for another release."""
        if self._tokens is not None and not self._tokens.admit(asked.authorization):
            raise Refusal(
                401,
                "Authorization: missing or unknown bearer token",
                {"WWW-Authenticate": "Bearer"},
            )
        release = asked.query("release") or __version__
        if release != __version__:
            exchange.refused_release = release[:64]
            raise Refusal(
                429,
                f"this server is release {__version__} of the hooks, the request is for another",
                {"Retry-After": "1"},
            )


async def _in_time(reply: Awaitable[Reply]) -> Reply:
    deadline = asyncio.timeout(_LONGEST)
    try:
        async with deadline:
            return await reply
    except TimeoutError:
        if not deadline.expired():
            raise
        late = f"request: not answered within {_LONGEST} s; this server has too much to do"
        raise Refusal(503, late, {"Retry-After": "1"}) from None

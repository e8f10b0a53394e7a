"""App: the routes of the hook server, and its one error handler."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from hooks import __version__
from hooks.kernel import prose, protocol, resource
from hooks.kernel.protocol import BadRequest
from hooks.kernel.resource import HOOKS, Resource
from hooks.resources import RESOURCES, Settings
from hooks.web import telemetry, token
from hooks.web.lookups import LookUps
from hooks.web.message import Asked, ReadBody, Refusal, Reply
from hooks.web.telemetry import Exchange

T = TypeVar("T")

PROBES = ("/healthz", "/readyz")

_LONGEST = 10  # seconds: Metacontroller gives up then
_BYTES_PER_VALUE = 8
"""Bytes of the largest body for each value in it.

A value takes a hundred bytes of memory or more, however few it takes in JSON. Metacontroller's
requests have fourteen bytes for each value.
"""


class App:
    """The hooks of the resources; work for the processor runs in the event loop's threads."""

    def __init__(self, settings: Settings, resources: Sequence[Resource[Any]] = RESOURCES) -> None:
        self.settings = settings
        self._served = {each.path: each for each in resources}
        self._tokens = token.tokens(settings)
        self._look_ups = LookUps(settings.resync_seconds)
        self._scrape = asyncio.Lock()
        telemetry.declare(resources)

    async def answer(self, asked: Asked, body: ReadBody) -> Reply:
        """Answer a request; the body is read only after the head is accepted."""
        exchange = Exchange(*self._subject(asked.path))
        try:
            reply = await _in_time(self._reply(asked, body, exchange))
        except Exception as failure:  # noqa: BLE001 - whatever it is, the caller gets an answer
            reply = _explained(failure, exchange)
        if asked.path not in (*PROBES, "/metrics"):  # they would fill the log
            exchange.tell(reply.status, len(reply.body))
        return reply

    def refuse(self, refusal: BadRequest) -> Reply:
        """Answer a caller whose request cannot be read."""
        exchange = Exchange("other", "other")
        reply = _explained(refusal, exchange)
        exchange.tell(reply.status, len(reply.body))
        return reply

    def _subject(self, path: str) -> tuple[str, str]:
        """Return the path of a resource and its hook; ``other`` twice for any other path."""
        _, served, hook = (*path.split("/", 2), "", "")[:3]
        return (served, hook) if served in self._served and hook in HOOKS else ("other", "other")

    async def _reply(self, asked: Asked, body: ReadBody, exchange: Exchange) -> Reply:
        if asked.path in PROBES:
            _allow(asked, "GET", "HEAD")
            return Reply(200, b"ok\n", "text/plain; charset=utf-8")
        if asked.path == "/metrics":
            _allow(asked, "GET", "HEAD")
            async with self._scrape:  # one thread, however many callers
                text = await _in_thread(telemetry.exposition)
            return Reply(200, text, "text/plain; version=0.0.4; charset=utf-8")
        if exchange.hook not in HOOKS:
            paths = ", ".join(f"/{path}/{hook}" for path in self._served for hook in HOOKS)
            raise BadRequest(404, f"{asked.path}: not found; the hooks are {paths}")
        _allow(asked, "POST")
        self._admit(asked, exchange)
        read = await body(self.settings.max_body_bytes)
        exchange.bytes_in = len(read)
        return await _in_thread(lambda: self._call(read, exchange))

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

    def _call(self, body: bytes, exchange: Exchange) -> Reply:
        _bound(body, self.settings.max_body_bytes // _BYTES_PER_VALUE)
        asked = protocol.decode(body)
        metadata = asked.parent["metadata"]
        exchange.namespace, exchange.name = metadata.get("namespace"), metadata["name"]
        served = self._served[exchange.resource]
        answer = resource.call(exchange.hook, served, asked, self.settings, datetime.now(UTC))
        if answer.question:
            self._look_ups.settle(answer, metadata)
        exchange.read(answer)
        return Reply(200, protocol.encode(answer.body))


def rehearse(settings: Settings) -> None:
    """Answer for an example of each resource before the workers start.

    The workers share what this builds, and a server that cannot answer does not start.
    """
    metadata = {"name": "rehearsal", "namespace": "rehearsal", "uid": "rehearsal", "generation": 1}
    for each in RESOURCES:
        parent = {
            "apiVersion": each.kind.api_version,
            "kind": each.kind.kind,
            "metadata": metadata,
            "spec": each.example,
        }
        for hook in HOOKS:
            protocol.encode(
                resource.call(
                    hook, each, protocol.HookRequest(parent), settings, datetime.now(UTC)
                ).body
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


async def _in_thread(call: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, call)


def _allow(asked: Asked, *methods: str) -> None:
    if asked.method not in methods:
        allowed = ", ".join(methods)
        raise Refusal(
            405,
            f"{asked.path}: method {asked.method} is not allowed, only {allowed}",
            {"Allow": allowed},
        )


def _bound(body: bytes, most: int) -> None:
    """Refuse a body of too many values.

    Values inside texts count, too: an annotation contains JSON that the hooks read.
    """
    if len(body) > most and sum(map(body.count, (b",", b"{", b"["))) > most:
        raise BadRequest(
            413,
            f"body: more than {most} values, one for each {_BYTES_PER_VALUE} bytes of the "
            "setting NIM_HOOKS_MAX_BODY_BYTES",
        )


def _explained(failure: Exception, exchange: Exchange) -> Reply:
    """Return a status and one line for a failure; Metacontroller puts the line into an Event."""
    if isinstance(failure, BadRequest):
        headers = failure.headers if isinstance(failure, Refusal) else {}
        return _error(failure.status, str(failure), exchange, headers)
    exchange.failure = failure
    doing = {"sync": "syncing", "finalize": "finalizing", "customize": "customizing"}.get(
        exchange.hook, "serving"
    )
    return _error(
        500,
        f"internal error while {doing} {exchange.subject}: {telemetry.blame(failure)}; "
        "see the traceback in the server's log",
        exchange,
        {},
    )


def _error(status: int, message: str, exchange: Exchange, headers: Mapping[str, str]) -> Reply:
    exchange.error = prose.shortened(prose.one_line(message), 500)
    return Reply(status, protocol.encode({"error": exchange.error}), headers=headers)

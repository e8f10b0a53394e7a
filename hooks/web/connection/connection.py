"""Connection: HTTP/1.1 with one caller, with a time limit for each step, and without a thread."""

import asyncio
import socket
from email.utils import formatdate
from functools import partial
from http import HTTPStatus

import h11

from hooks.kernel.protocol import BadRequest
from hooks.web.answer.front import Front
from hooks.web.connection.room import Room, Share
from hooks.web.connection.tls import Certificate
from hooks.web.message import Asked, Reply

IDLE = 95.0  # seconds: Metacontroller's client keeps idle connections for 90 s and repeats no POST
PARTING = 2.0  # seconds that a stopping server waits for a request on its way
HANDSHAKE = 5.0  # seconds, of TLS
HEAD = 5.0  # seconds: a head is one packet or two
BODY = 5.0  # seconds: the largest body, at 4 Mbit/s
TAKING = 5.0  # seconds for a caller to read its answer

BUFFER = 16384
"""Bytes to read ahead; a head may have twice as many."""
_PIECES = 8192  # of a body, at most: each takes time, however small it is
_SURPLUS = 8  # times the largest body: so much of a larger one is read and dropped


class Connection:
    """A connection, with the application and the room that it shares with others."""

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    def __init__(self, app: Front, room: Room) -> None:
        self._app, self._room = app, room
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=BUFFER)
        self._idle: asyncio.Timeout | None = None
        self._parting = False
        self.since = asyncio.get_running_loop().time()
        """When its last request began."""
        self.served = False
        """Whether a hook has answered it: Metacontroller's connections are, a flood's are not."""

    async def serve(self, caller: socket.socket, certificate: Certificate | None) -> None:
        """Answer one request after the other, until the caller or the server ends."""
        try:
            await self._greet(caller, certificate)
        except OSError:
            return  # also for a failed handshake
        try:
            while await self._asked_more() and await self._turn():
                self._http.start_next_cycle()
        except OSError:
            pass  # the caller is gone, is silent, or took too long to read its answer
        finally:
            self._close()

    def part(self) -> None:
        """Make the next answer the last one; an idle connection ends in a moment."""
        self._parting = True
        if self._idle is not None:
            self._idle.reschedule(asyncio.get_running_loop().time() + PARTING)

    async def _greet(self, caller: socket.socket, certificate: Certificate | None) -> None:
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=BUFFER)
        protocol = asyncio.StreamReaderProtocol(self._reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            caller,
            ssl=certificate.get() if certificate else None,
            ssl_handshake_timeout=HANDSHAKE if certificate else None,
            ssl_shutdown_timeout=PARTING if certificate else None,
        )
        transport.set_write_buffer_limits(high=0)  # so that drain() waits until all is written
        self._writer = asyncio.StreamWriter(transport, protocol, self._reader, loop)

    async def _asked_more(self) -> bool:
        """Wait for the first bytes of a request; return whether there were any."""
        if self._http.trailing_data[0]:
            return True
        async with asyncio.timeout(PARTING if self._parting else IDLE) as self._idle:
            data = await self._reader.read(BUFFER)
        self._idle = None
        self._http.receive_data(data)
        return bool(data)

    async def _turn(self) -> bool:
        """Answer a request; return whether the connection can serve another."""
        self.since = asyncio.get_running_loop().time()
        with self._room.share() as share:
            asked = await self._head()
            if isinstance(asked, BadRequest):
                reply = self._app.refuse(asked)
            else:
                reply = await self._app.answer(asked, partial(self._body, share))
                self.served |= asked.method == "POST" and reply.status == 200
        await self._send(reply, bodiless=isinstance(asked, Asked) and asked.method == "HEAD")
        await self._drop_rest()
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _head(self) -> Asked | BadRequest:
        try:
            async with asyncio.timeout(HEAD):
                event = await self._event(BUFFER)
        except TimeoutError:
            return BadRequest(408, f"request: its head was not there within {HEAD:.0f} s")
        except h11.RemoteProtocolError as error:
            return BadRequest(error.error_status_hint, f"request: {error}")
        if not isinstance(event, h11.Request):
            raise ConnectionError
        shown = [value for name, value in event.headers if name == b"authorization"]
        return Asked(
            event.method.decode("ascii"),
            event.target.decode("ascii"),
            shown[0].decode("latin-1") if len(shown) == 1 else "",
        )

    async def _body(self, share: Share, most: int) -> bytes:
        """Return the body of a request.

        Raises:
            BadRequest: 400 for a body that is cut off or badly framed, 408 for a slow one, 413 for
                a larger one, and 503 without room for it.
        """
        self._encourage()
        body, pieces = bytearray(), 0
        try:
            async with asyncio.timeout(BODY) as deadline:
                share.begin(deadline)
                while isinstance(event := await self._event(), h11.Data):
                    body += event.data
                    pieces += 1
                    if len(body) > most:
                        raise BadRequest(
                            413,
                            f"body: larger than {most} bytes, the setting NIM_HOOKS_MAX_BODY_BYTES",
                        )
                    if pieces > _PIECES:
                        raise BadRequest(400, f"body: comes in more than {_PIECES} pieces")
                    share.take(len(event.data))
        except TimeoutError:
            if share.lost:
                raise BadRequest(
                    503, "body: the room is needed for those that send faster"
                ) from None
            raise BadRequest(408, f"body: was not there within {BODY:.0f} s") from None
        except h11.RemoteProtocolError as error:
            raise BadRequest(400, f"body: {error}") from None
        share.whole()
        return bytes(body)

    def _encourage(self) -> None:
        """Tell a caller that waits for it to send the body."""
        if self._http.they_are_waiting_for_100_continue:
            go_on = self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
            self._writer.write(go_on or b"")

    async def _event(self, most: int = 4 * BUFFER) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(most))
        return event

    async def _send(self, reply: Reply, *, bodiless: bool) -> None:
        headers = [
            ("Date", formatdate(usegmt=True)),
            ("Content-Type", reply.content_type),
            ("Content-Length", str(len(reply.body))),
            *reply.headers.items(),
            *([("Connection", "close")] if self._parting else []),
        ]
        reason = HTTPStatus(reply.status).phrase.encode()
        head = h11.Response(status_code=reply.status, headers=headers, reason=reason)
        body = h11.Data(data=b"" if bodiless else reply.body)
        sent = [self._http.send(event) or b"" for event in (head, body, h11.EndOfMessage())]
        self._writer.write(b"".join(sent))
        async with asyncio.timeout(TAKING):
            await self._writer.drain()

    async def _drop_rest(self) -> None:
        """Read the rest of a request that was answered early, so that its sender reads on."""
        left = _SURPLUS * self._app.settings.max_body_bytes
        try:
            async with asyncio.timeout(BODY):
                while self._http.their_state is h11.SEND_BODY and left > 0:
                    event = await self._event()
                    left -= max(1024, len(event.data)) if isinstance(event, h11.Data) else 0
        except (TimeoutError, h11.RemoteProtocolError):
            pass  # the connection ends

    def _close(self) -> None:
        if self._writer.transport.get_write_buffer_size():
            self._writer.transport.abort()  # else it would wait for the caller without a limit
        self._writer.close()

"""Door: accepts connections, up to a limit."""

import asyncio
import socket

from hooks.web.answer.front import Front
from hooks.web.connection.connection import Connection
from hooks.web.connection.room import Room
from hooks.web.connection.tls import Certificate

_CONNECTIONS = 256
"""Connections at a time. Metacontroller has at most one for each of its workers and controllers."""
_BODIES = 8
"""Bodies of the largest size that have room at a time."""


class Door:
    """The connections of one worker; a full one closes the connection that is idle longest.

    It spares those that a hook has answered, as long as most are others: a flood of callers that
    ask for nothing does not end Metacontroller's connections.
    """

    def __init__(self, app: Front, certificate: Certificate | None) -> None:
        self._app, self._certificate = app, certificate
        self._room = Room(_BODIES * app.settings.max_body_bytes)
        self._inside: dict[Connection, asyncio.Task[None]] = {}

    async def open(self, listener: socket.socket) -> None:
        """Accept the connections of a listening socket."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                caller, _ = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(0.1)  # the caller is gone, or too many files are open
            else:
                self._let_in(caller)

    async def close(self, seconds: float) -> None:
        """Answer the requests that have begun to arrive, for at most so many seconds."""
        for connection in self._inside:
            connection.part()
        if self._inside:
            await asyncio.wait(self._inside.values(), timeout=seconds)

    def _let_in(self, caller: socket.socket) -> None:
        caller.setblocking(False)
        connection = Connection(self._app, self._room)
        task = asyncio.create_task(connection.serve(caller, self._certificate))
        self._inside[connection] = task
        task.add_done_callback(lambda _: self._inside.pop(connection))
        if len(self._inside) > _CONNECTIONS:
            strangers = [each for each in self._inside if not each.served]
            crowd = strangers if len(strangers) > _CONNECTIONS // 2 else self._inside
            self._inside[min(crowd, key=lambda each: each.since)].cancel()

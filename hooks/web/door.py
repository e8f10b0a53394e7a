"""Door: accepts connections, up to a limit."""

import asyncio
import socket

from hooks.web.connection import Connection
from hooks.web.front import Front
from hooks.web.room import Room
from hooks.web.tls import Certificate

_CONNECTIONS = 256
"""Connections at a time. Metacontroller has at most one for each of its workers and controllers."""
_BODIES = 8
"""Bodies of the largest size that have room at a time."""


class Door:
    """The connections of one worker; a full one closes the connection that is idle longest."""

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
            quietest = min(self._inside, key=lambda each: each.since)
            self._inside[quietest].cancel()

"""Door: lets callers in, so many at once, and each with his own connection."""

import asyncio
import socket

from hooks.web.app import App
from hooks.web.connection import Connection
from hooks.web.room import Room
from hooks.web.tls import Certificate

_CONNECTIONS = 256
"""Connections at once. Metacontroller has one for each of its workers and controllers, at most."""
_BODIES = 8
"""Bodies of the largest size that there is room for at once."""


class Door:
    """The way into one worker; where it is full, whoever has asked nothing for longest makes room."""

    def __init__(self, app: App, certificate: Certificate | None) -> None:
        self._app, self._certificate = app, certificate
        self._room = Room(_BODIES * app.settings.max_body_bytes)
        self._inside: dict[Connection, asyncio.Task[None]] = {}

    async def open(self, listener: socket.socket) -> None:
        """Let in whoever comes to a listening socket."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                caller, _ = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(0.1)  # he is gone, or this process has too many files open
            else:
                self._let_in(caller)

    async def close(self, seconds: float) -> None:
        """Answer what has begun to arrive, for so long, and let nobody stay."""
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

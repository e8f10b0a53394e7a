"""Live: Metacontroller's loop on a real API server, in real time."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from hooks.cluster.api import Object
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.metacontroller.transport import Transport
from tests.control_plane.server import Server
from tests.control_plane.wallclock import WallClock

_QUIET = 0.5
"""Seconds without an event or a sync after which nothing is expected any more: events of one cause
follow in milliseconds."""


class Live:
    """The loop and the API server it works on; it works only while one of these functions runs."""

    def __init__(
        self,
        server: Server,
        controllers: Iterable[Object],
        transport: Transport,
        *,
        engine: Engine = "dynamic-apply",
    ) -> None:
        self.server = server
        self.loop = Metacontroller(server, controllers, transport, clock=WallClock(), engine=engine)

    def run(self, until: Callable[[], bool], seconds: float) -> bool:
        """Work until something is so, or the time is up; return whether it is so."""
        deadline = time.monotonic() + seconds
        while True:
            self.server.happened.clear()
            self.loop.run()
            if until():
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._wait(
                min(left, 0.1)
            )  # what is waited for may be anything, so it is looked at again soon

    def settle(self, seconds: float = 60, *, quiet: float = _QUIET) -> bool:
        """Work until nothing has happened for a while; return False if that does not come within
        the time."""
        deadline = time.monotonic() + seconds
        last = time.monotonic()
        while time.monotonic() - last < quiet:
            if time.monotonic() > deadline:
                return False
            self.server.happened.clear()
            if self.loop.run() or self.loop.informers.behind() or self._wait(quiet / 5):
                last = time.monotonic()
        return True

    def _wait(self, seconds: float) -> bool:
        """Wait for an event or the loop's next timer; return whether an event came."""
        due = (self.loop.next_timer() - datetime.now(UTC)).total_seconds()
        return self.server.happened.wait(max(0.0, min(seconds, due)))

"""Worker: a process that serves connections in an event loop and calls the hooks in threads.

Only a complete request takes a thread, and only until its answer is made. A slow caller therefore
delays no other, and probes are answered while all threads are busy.
"""

import asyncio
import contextlib
import gc
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from gunicorn.workers.base import Worker  # type: ignore[import-untyped]

from hooks.web.answer.front import Front
from hooks.web.connection.door import Door
from hooks.web.connection.tls import Certificate

_BEAT = 1.0  # seconds; after ``timeout`` without a beat the master replaces the worker


class Service(NamedTuple):
    """The application and the certificate of the workers."""

    app: Front
    certificate: Certificate | None


class HookWorker(Worker):  # type: ignore[misc]
    """gunicorn's worker: the master starts it, watches its beats and tells it to stop."""

    def run(self) -> None:
        """Serve until SIGTERM."""
        # A large request has a quarter of a million objects. With Python's default of 700, the
        # collector would walk over them many times.
        gc.set_threshold(50_000, 10, 10)
        asyncio.run(self._serve(self.wsgi))

    async def _serve(self, service: Service) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self.cfg.threads, "hooks"))
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        door = Door(*service)
        beating = loop.create_task(self._beat())
        accepting = [loop.create_task(door.open(each.sock)) for each in self.sockets]
        while not stop.is_set() and self.ppid == os.getppid():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _BEAT)
        for each in accepting:
            each.cancel()
        await asyncio.wait(accepting)
        for each in self.sockets:
            each.close()  # at once, or the kernel would accept connections that nobody serves
        await door.close(self.cfg.graceful_timeout)
        beating.cancel()

    async def _beat(self) -> None:
        """Beat from the threads, so that a worker whose threads all hang does not seem alive."""
        while True:
            await asyncio.get_running_loop().run_in_executor(None, self.notify)
            await asyncio.sleep(_BEAT)

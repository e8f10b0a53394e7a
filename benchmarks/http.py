"""HTTP: the real server on this machine's loopback, with connections kept open as Metacontroller does."""

import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import measure, requests

_SECONDS = 8.0
_CONNECTIONS = 20


def rows() -> Iterator[str]:
    """Yield throughput when saturated, latency at a steady rate, and the memory of a worker."""
    with _server() as (port, process):
        message = _message(requests.at_rest(requests.nim()))
        asyncio.run(_load(port, message, seconds=1.0, rate=None))
        times = asyncio.run(_load(port, message, seconds=_SECONDS, rate=None))
        yield f"HTTP, {_CONNECTIONS} connections, saturated: {len(times) / _SECONDS:.0f} syncs/s of {len(message) / 1000:.0f} kB"
        times = sorted(asyncio.run(_load(port, message, seconds=_SECONDS, rate=500)))
        median, last = statistics.median(times), times[int(len(times) * 0.99)]
        yield f"HTTP, {_CONNECTIONS} connections, steady 500/s: median {median * 1e3:.1f} ms, p99 {last * 1e3:.1f} ms ({len(times)} requests)"
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if workers.exists():
            sizes = [(measure.resident_bytes(pid) or 0) / 1e6 for pid in workers.read_text().split()]
            yield f"HTTP, memory of the workers: {', '.join(f'{size:.0f} MB' for size in sizes)}"


def _message(body: bytes) -> bytes:
    head = f"POST /nimservice/sync HTTP/1.1\r\nHost: hooks\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _load(port: int, message: bytes, *, seconds: float, rate: float | None) -> list[float]:
    """Return the seconds of every request; with a rate, counted from when it was due, so that a stall is not hidden."""
    times: list[float] = []
    start = time.perf_counter()
    pause = _CONNECTIONS / rate if rate else 0.0

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        due = start + pause * number / _CONNECTIONS
        while (now := time.perf_counter()) < start + seconds:
            if pause and due > now:
                await asyncio.sleep(due - now)
            began = due if pause else time.perf_counter()
            writer.write(message)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if length is None or not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head)
            await reader.readexactly(int(length.group(1)))
            times.append(time.perf_counter() - began)
            due += pause
        writer.close()

    await asyncio.gather(*map(client, range(_CONNECTIONS)))
    return times


@contextmanager
def _server() -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("nimservice")), "serve", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, env={**os.environ, "NIM_HOOKS_MODEL_LOOKUP": "false"}, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, process
    finally:
        process.terminate()
        process.wait()

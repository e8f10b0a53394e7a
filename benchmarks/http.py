"""HTTP: the real server on this machine's loopback, with connections kept open.

The load runs on the same processors, so one thread that does next to nothing sends the requests.
The cost of a sync is compared with the same sync without HTTP in the same run. That ratio hardly
depends on what else the machine does.
"""

import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from heapq import heapify, heappop, heappush
from pathlib import Path

from benchmarks import measure, requests
from hooks.kernel import protocol, resource
from hooks.resources import NIM_SERVICE, Settings

_ROUNDS = 5
_SATURATED, _STEADY = 2.0, 4.0  # seconds in each round
_CONNECTIONS, _RATE = 20, 500
HOST = "127.0.0.1"


def rows() -> Iterator[str]:
    """Yield medians: throughput and cost when saturated, latency at a steady rate, and memory."""
    body = requests.at_rest(requests.nim())
    head = (
        "POST /nimservice/sync HTTP/1.1\r\nHost: hooks\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    message = head.encode() + body
    settings = Settings()
    with server() as (port, process):
        size = _answer_size(port, message)
        _load(port, message, size, seconds=1.0)
        rates, costs, bare, medians, lasts, before = [], [], [], [], [], _memory(process.pid)
        for _ in range(_ROUNDS):
            spent, began = _spent(process.pid), time.perf_counter()
            count = len(_load(port, message, size, seconds=_SATURATED))
            rates.append(count / (time.perf_counter() - began))
            costs.append((_spent(process.pid) - spent) / count)
            bare.append(
                measure.batch(
                    lambda: protocol.encode(
                        resource.sync(
                            NIM_SERVICE, protocol.decode(body), settings, requests.NOW
                        ).body
                    ),
                    200,
                )
            )
            times = sorted(_load(port, message, size, seconds=_STEADY, rate=_RATE))
            medians.append(statistics.median(times))
            lasts.append(times[int(len(times) * 0.99)])
        after = _memory(process.pid)
    cost, alone = statistics.median(costs), statistics.median(bare)
    yield (
        f"HTTP, {_CONNECTIONS} connections, saturated:"
        f" {statistics.median(rates):.0f} syncs/s of {len(body) / 1000:.0f} kB,"
        f" {cost * 1e6:.0f} µs of the server's processor time each,"
        f" {cost / alone:.1f} × the same sync without HTTP ({alone * 1e6:.0f} µs)"
    )
    yield (
        f"HTTP, {_CONNECTIONS} connections, steady {_RATE}/s:"
        f" median {statistics.median(medians) * 1e3:.1f} ms,"
        f" p99 {statistics.median(lasts) * 1e3:.1f} ms"
        f" (of the rounds {', '.join(f'{each * 1e3:.1f}' for each in sorted(lasts))})"
    )
    if after:
        sizes = ", ".join(
            f"{end / 1e6:.0f} MB ({(end - start) / 1e6:+.1f} MB)"
            for start, end in zip(before, after, strict=True)
        )
        yield f"HTTP, memory of the workers, and what the rounds added: {sizes}"


def _answer_size(port: int, message: bytes) -> int:
    """Return the bytes of an answer, head and body; all answers have the same length."""
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(message)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536)
    head = answer.partition(b"\r\n\r\n")[0]
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head)
    fields = dict(line.lower().split(b": ", 1) for line in head.splitlines()[1:])
    return len(head) + 4 + int(fields[b"content-length"])


def _load(
    port: int, message: bytes, size: int, *, seconds: float, rate: float | None = None
) -> list[float]:
    """Return the seconds of every request; with a rate from its due time, so that stalls count."""
    times: list[float] = []
    pause = _CONNECTIONS / rate if rate else 0.0
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        connections = [
            stack.enter_context(socket.create_connection((HOST, port))) for _ in range(_CONNECTIONS)
        ]
        # All at once: Metacontroller opens a connection when all others are in use.
        for connection in connections:
            connection.sendall(message)
        for number, connection in enumerate(connections):
            connection.recv(size, socket.MSG_WAITALL)
            selector.register(connection, selectors.EVENT_READ, number)
        start = time.perf_counter()
        waiting = [
            (start + pause * number / _CONNECTIONS, number) for number in range(_CONNECTIONS)
        ]
        heapify(waiting)
        began, missing = [0.0] * _CONNECTIONS, [0] * _CONNECTIONS
        while (now := time.perf_counter()) < start + seconds:
            while waiting and waiting[0][0] <= now:
                due, number = heappop(waiting)
                began[number], missing[number] = due, size
                connections[number].sendall(message)
            for key, _ in selector.select(max(0.0, waiting[0][0] - now) if waiting else 0.1):
                number, read = key.data, len(connections[key.data].recv(262144))
                missing[number] -= read
                if not read or missing[number] < 0:
                    raise RuntimeError("an answer differs in length from the first")
                if missing[number] == 0:
                    done = time.perf_counter()
                    times.append(done - began[number])
                    heappush(waiting, (began[number] + pause if pause else done, number))
    return times


def workers(master: int) -> list[str]:
    """Return the process ids of the workers; none if the system does not provide them."""
    children = Path(f"/proc/{master}/task/{master}/children")
    return children.read_text().split() if children.exists() else []


def _spent(master: int) -> float:
    return sum(measure.processor_seconds(pid) for pid in workers(master))


def _memory(master: int) -> list[int]:
    return [measure.resident_bytes(pid) or 0 for pid in workers(master)]


@contextmanager
def server() -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("nimservice")),
        "serve",
        "--bind",
        f"{HOST}:{port}",
    ]
    process = subprocess.Popen(
        command, env={**os.environ, "NIM_HOOKS_MODEL_LOOKUP": "false"}, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) == 0:
                    break
            time.sleep(0.05)
        yield port, process
    finally:
        process.terminate()
        process.wait()

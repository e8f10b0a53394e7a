"""Bodies: the memory of the real server while all its threads read the largest bodies there are.

A caller may put up to 2 MiB into a body, and JSON can be many small values or a record in a text
that is decoded once more. Each form is sent on more connections than the server has threads.
"""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks import http, measure, requests
from hooks.kernel.lastapplied import LAST_APPLIED

POD_LIMIT = 512 * 1024 * 1024
"""Bytes of memory that the pod may take, as ``metacontroller/base/deployment.yaml`` has it."""

CONNECTIONS = 40
"""Five times the server's threads, so that complete bodies wait, too."""

_ROUNDS = 3


def rows() -> Iterator[str]:
    """Yield the memory that the server took at most, with each form of a body."""
    limit = POD_LIMIT / 2**20
    for form, body in bodies():
        with http.server() as (port, process):
            for _ in range(_ROUNDS):
                statuses = send(port, body)
            pids = (process.pid, *http.workers(process.pid))
            # The processes begin with the same pages, which count once.
            taken = sum(measure.most_bytes(pid) or 0 for pid in pids) - measure.shared_bytes(pids)
        answers = ", ".join(f"{statuses.count(each)} × {each}" for each in sorted({*statuses}))
        yield (
            f"bodies of {len(body) / 1e6:.1f} MB, {form}, on {CONNECTIONS} connections ({answers}):"
            f" {taken / 2**20:.0f} MiB at most, of {limit:.0f}"
        )


def bodies() -> Iterator[tuple[str, bytes]]:
    """Yield bodies that take much memory, each just below the limits of size and of values."""
    yield "many maps", _body({"a": [{"a": {}}] * 85_000})
    yield "many keys", _body({f"k{number}": number for number in range(125_000)})
    yield "one text", _body({"a": "é" * 900_000})
    yield "recorded maps", _recorded({"a": [{"a": {}}] * 40_000})
    yield "recorded keys", _recorded({f"k{number}": {} for number in range(43_000)})
    items = [{"port": number, "a": {"b": 1}} for number in range(26_000)]
    yield "recorded items", _recorded({"ports": items})
    named = {
        f'k:{{"port":{number},"protocol":"TCP"}}': {".": {}, "f:port": {}}
        for number in range(16_000)
    }
    ports = [{"port": number, "protocol": "TCP"} for number in range(26_000)]
    entry = {"f:spec": {"f:ports": named}}
    applied = {"manager": "metacontroller", "operation": "Apply", "fieldsV1": entry}
    yield "managed items", _body({"ports": ports}, managedFields=[applied])


def _recorded(spec: dict[str, Any]) -> bytes:
    """Return a body in which a spec stands once more as text, in what was last applied."""
    record = json.dumps({"metadata": {}, "spec": spec}, separators=(",", ":"))
    return _body(spec, annotations={LAST_APPLIED: record})


def _body(spec: dict[str, Any], **metadata: Any) -> bytes:
    """Return a sync of a refused NIMService, whose answer repeats its only child."""
    parent = requests.nim(storage={})
    named = {"name": "llama", "namespace": "models", **metadata}
    child = {"apiVersion": "v1", "kind": "Service", "metadata": named, "spec": spec}
    document = {
        "parent": parent,
        "children": {"Service.v1": {"models/llama": child}},
        "related": {},
        "controller": {},
        "finalizing": False,
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def send(port: int, body: bytes) -> list[int]:
    """Send a body on all connections at once, and return the statuses of the answers."""
    head = (
        "POST /nimservice/sync HTTP/1.1\r\nHost: hooks\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    message = head.encode() + body

    def ask(_: int) -> int:
        with socket.create_connection((http.HOST, port), timeout=60) as connection:
            connection.sendall(message)
            answer = b""
            while data := connection.recv(1 << 20):
                answer = answer or data
        return int(answer.split(b" ", 2)[1]) if answer else 0

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(ask, range(CONNECTIONS)))

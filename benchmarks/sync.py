"""Sync: one sync in process, compared with the standard library's JSON of the same bytes."""

import gc
import json
from collections.abc import Iterator

from benchmarks import measure, requests
from hooks.kernel import protocol, resource
from hooks.resources import NIM_SERVICE, Settings


def rows() -> Iterator[str]:
    """Yield a line for each size of request."""
    settings = Settings()
    gc.collect()
    gc.freeze()  # like the server before it starts workers
    for label, body in _bodies():

        def sync(body: bytes = body) -> bytes:
            return protocol.encode(
                resource.sync(NIM_SERVICE, protocol.decode(body), settings, requests.NOW).body
            )

        answer = json.loads(sync())

        def bare(body: bytes = body, answer: object = answer) -> None:
            json.loads(body)
            json.dumps(answer)

        calls = max(3, 2_000_000 // len(body))
        ours, theirs = measure.in_turn(sync, bare, calls=calls)
        yield (
            f"sync, {label}, {len(body) / 1000:.0f} kB: {ours * 1e6:.0f} µs,"
            f" {ours / theirs:.2f} × json.loads + json.dumps ({theirs * 1e6:.0f} µs)"
        )


def _bodies() -> Iterator[tuple[str, bytes]]:
    for pods in (1, 10, 100, 1000):
        yield f"one node, {pods} pods", requests.at_rest(requests.nim(), pods)
    many = {"parallelism": {"pipeline": 64, "tensor": 8}}
    yield "64 nodes", requests.at_rest(requests.nim(multiNode=many, expose={}, metrics={}), 64)

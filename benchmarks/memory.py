"""Memory: a worker after many syncs of many NIMServices."""

import gc
from collections.abc import Iterator

from benchmarks import measure, requests
from hooks.kernel import protocol, resource
from hooks.resources import NIM_SERVICE, Settings

_PARENTS, _SYNCS = 10_000, 100_000


def rows() -> Iterator[str]:
    """Yield the memory at the end, and its growth over the second half."""
    settings = Settings()
    body = requests.at_rest(requests.nim("name-of-model-00000"))
    half = 0
    for number in range(_SYNCS):
        name = f"name-of-model-{number % _PARENTS:05}".encode()
        protocol.encode(
            resource.sync(
                NIM_SERVICE,
                protocol.decode(body.replace(b"name-of-model-00000", name)),
                settings,
                requests.NOW,
            ).body
        )
        if number == _SYNCS // 2:
            gc.collect()
            half = measure.resident_bytes() or 0
    gc.collect()
    end = measure.resident_bytes()
    if end is None:
        yield "memory: this system does not provide it"
    else:
        yield (
            f"memory after {_SYNCS} syncs of {_PARENTS} NIMServices: {end / 1e6:.0f} MB,"
            f" {(end - half) / 1e6:+.1f} MB over the second half"
        )

"""Wire: faults of HTTP itself around a valid request, and what is wrong with the answer."""

import asyncio
import contextlib
import random
import re
import socket
import time
from functools import cache

from hooks.resources import Settings
from hooks.web.answer.front import Front
from hooks.web.connection.connection import Connection
from hooks.web.connection.room import Room
from tests.fuzz.corpus import Sample

_LIMIT = 1.0
"""Seconds until an answer, or the end of the connection."""
_REFUSALS = (400, 404, 405, 408, 411, 413, 414, 415, 422, 429, 431, 501, 503, 505)
_STATUS = re.compile(rb"^HTTP/1\.1 (\d{3}) ")

_LENGTHS = (b"-1", b"+5", b"0x10", b"1e3", b"", b" ", b"5, 5", b"99999999999999999999", b"\xb2")
_LINES = (
    b"Content-Length: 7",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Expect: 100-continue",
    b"Expect: tea",
    b"Connection: close",
    b"Connection: upgrade\r\nUpgrade: h2c",
    b"Host: other",
    b"Authorization: Bearer x\r\nAuthorization: Bearer y",
    b"Content-Encoding: gzip",
    b"X: " + b"x" * 40_000,
    b"X\x00: y",
    b"X : y",
    b": y",
    b" folded",
    b"X: \xff\xfe",
    *(b"X%d: y\r\n" % n * 50 for n in range(2)),
)
_REQUEST_LINES = (
    b"GET %s HTTP/1.1",
    b"POST %s HTTP/1.0",
    b"POST %s HTTP/2.0",
    b"POST %s",
    b"post %s HTTP/1.1",
    b"POST http://other%s HTTP/1.1",
    b"POST %s?release=%%00 HTTP/1.1",
    b"POST //..%s HTTP/1.1",
    b"CONNECT other:443 HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"PRI * HTTP/2.0",
    b"\x16\x03\x01\x02\x00\x01 %s HTTP/1.1",
    b"POST " + b"/a" * 20_000 + b"%s HTTP/1.1",
)


def spoilt(sample: Sample, chance: random.Random) -> tuple[bytes, str]:
    """Return the bytes of a request with faults of HTTP, and what they are."""
    path, body = sample.path.encode(), sample.body
    line = chance.choice(_REQUEST_LINES) if chance.random() < 0.2 else b"POST %s HTTP/1.1"
    head = [line.replace(b"%s", path).replace(b"%%", b"%"), b"Host: hooks"]
    framing = chance.choice(("length", "wrong length", "chunked", "bad chunks", "none", "both"))
    if framing in ("length", "both"):
        head.append(b"Content-Length: %d" % len(body))
    if framing == "wrong length":
        near = b"%d" % max(0, len(body) + chance.randrange(-9, 10))
        head.append(b"Content-Length: " + chance.choice((near, chance.choice(_LENGTHS))))
    if framing in ("chunked", "bad chunks", "both"):
        head.append(b"Transfer-Encoding: chunked")
        body = _chunked(body, chance, bad=framing == "bad chunks")
    if chance.random() < 0.5:
        head.insert(chance.randrange(1, len(head) + 1), chance.choice(_LINES))
    ending = chance.choice((b"\r\n",) * 6 + (b"\n", b"\r", b"\x00\r\n"))
    text = ending.join(head) + ending * 2 + body
    done = [framing]
    if chance.random() < 0.2:
        done.append("cut")
        text = text[: chance.randrange(len(text))]
    if chance.random() < 0.2:
        done.append("flipped")
        at = chance.randrange(min(len(text), 300) or 1)
        text = text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]
    if chance.random() < 0.1:
        done.append("another behind it")
        text += chance.choice((text, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\x00" * 100))
    return text, ", ".join(done)


def _chunked(body: bytes, chance: random.Random, *, bad: bool) -> bytes:
    made, at = [], 0
    while at < len(body):
        size = min(chance.choice((1, 100, 5000, 50_000)), len(body) - at) if at else 1
        said = b"%x" % size
        if bad and chance.random() < 0.3:
            said = chance.choice(
                (b"-1", b"0", b"zz", b"", b"f" * 20, b"%x" % (size + 1), b"1;" * 9)
            )
        made.append(said + b"\r\n" + body[at : at + size] + b"\r\n")
        at += size
    return b"".join(made) + b"0\r\n\r\n"


def problem(text: bytes, pieces: int = 1) -> str | None:
    """Return what is wrong with the answer to the bytes of a request, or None."""
    began = time.process_time()
    try:
        heard, failure = asyncio.run(_answered(text, pieces))
    except TimeoutError:
        return "the connection does not end"
    took = time.process_time() - began
    if failure is not None:
        return f"the connection fails with {type(failure).__name__}: {str(failure)[:200]}"
    if took > _LIMIT * max(1, len(text) / 1e6):
        return f"takes {took:.1f} s"
    if not heard:
        return None
    status = _STATUS.match(heard)
    if status is None:
        return f"answers no HTTP: {heard[:100]!r}"
    code = int(status[1])
    if code in (100, 200) or code in _REFUSALS:
        return None
    return f"status {code}"


async def _answered(text: bytes, pieces: int) -> tuple[bytes, BaseException | None]:
    ours, theirs = socket.socketpair()
    for each in (ours, theirs):
        each.setblocking(False)
    loop = asyncio.get_running_loop()
    served = asyncio.create_task(Connection(_front(), Room(64 * 1024 * 1024)).serve(ours, None))
    try:
        async with asyncio.timeout(20):
            reading = asyncio.create_task(_all(theirs))
            size = len(text) // pieces + 1
            for at in range(0, len(text), size):
                with contextlib.suppress(ConnectionError):
                    await loop.sock_sendall(theirs, text[at : at + size])
                await asyncio.sleep(0)
            with contextlib.suppress(OSError):
                theirs.shutdown(socket.SHUT_WR)
            heard = await reading
            (failure,) = await asyncio.gather(served, return_exceptions=True)
            return heard, failure
    finally:
        served.cancel()
        theirs.close()


async def _all(sock: socket.socket) -> bytes:
    heard = b""
    with contextlib.suppress(ConnectionError):
        while data := await asyncio.get_running_loop().sock_recv(sock, 1 << 16):
            heard += data
    return heard


@cache
def _front() -> Front:
    return Front(Settings())

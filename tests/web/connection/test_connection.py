"""A connection: what a caller may do, how long he may take, and that he holds nothing meanwhile."""

import asyncio
import contextlib
import json
import re
import socket
import time

import pytest
from prometheus_client import REGISTRY

from hooks.resources import Settings
from hooks.web.answer.front import Front
from hooks.web.connection import connection
from hooks.web.connection.connection import Connection
from hooks.web.connection.door import Door
from hooks.web.connection.room import Room
from tests.web.serving import BODY

LIMIT = 4096
POST = "POST /nimservice/sync HTTP/1.1\r\nHost: hooks\r\n"


class Caller:
    """The other end of a connection."""

    def __init__(self, sock):
        self.sock = sock

    async def says(self, *parts, pause=0.0):
        for part in parts:
            data = part if isinstance(part, bytes) else part.encode()
            await asyncio.get_running_loop().sock_sendall(self.sock, data)
            await asyncio.sleep(pause)

    async def hears(self, most=1 << 20):
        """Return what arrives until there is nothing more for a moment, or the connection ends."""
        heard = b""
        while len(heard) < most:
            try:
                async with asyncio.timeout(1):
                    data = await asyncio.get_running_loop().sock_recv(self.sock, 65536)
            except (TimeoutError, ConnectionError):
                break
            if not data:
                break
            heard += data
            if heard.endswith((b"}", b"ok\n")):
                break
        return heard

    async def ended(self, seconds):
        """Return how long it takes until the connection has ended."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            with contextlib.suppress(ConnectionError):
                while await asyncio.get_running_loop().sock_recv(self.sock, 65536):
                    pass
        return time.monotonic() - began


def play(script, settings=None, room=None):
    """Return what a script returns that plays the callers; ``call()`` gives it one more."""

    async def played():
        app = Front(settings or Settings(max_body_bytes=LIMIT))
        shared, tasks, callers = room or Room(8 * LIMIT), [], []

        def call():
            ours, theirs = socket.socketpair()
            for each in (ours, theirs):
                each.setblocking(False)
            tasks.append(asyncio.create_task(Connection(app, shared).serve(ours, None)))
            callers.append(theirs)
            return Caller(theirs)

        try:
            return await script(call)
        finally:
            for each in callers:
                each.close()
            await asyncio.wait_for(asyncio.gather(*tasks), 10)

    return asyncio.run(played())


def status(heard):
    return int(heard.split(b" ", 2)[1])


def error(heard):
    return json.loads(heard.partition(b"\r\n\r\n")[2])["error"]


def headed(body, *lines):
    return "\r\n".join([POST + f"Content-Length: {len(body)}", *lines, "\r\n"]).encode()


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Have every deadline after a moment."""
    for name, seconds in {"HEAD": 0.3, "BODY": 0.3, "TAKING": 0.3, "IDLE": 0.6}.items():
        monkeypatch.setattr(connection, name, seconds)


def test_one_request_after_the_other_is_answered():
    async def script(call):
        caller = call()
        heard = []
        for _ in range(3):
            await caller.says(headed(BODY), BODY)
            heard.append(status(await caller.hears()))
        return heard

    assert play(script) == [200] * 3


def test_requests_that_come_together_are_answered_one_by_one():
    async def script(call):
        caller = call()
        await caller.says("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        heard = b""
        while heard.count(b"HTTP/1.1 200") < 3:
            heard += await caller.hears()
        return heard

    assert play(script).endswith(b"ok\n")


def test_an_answer_to_head_has_no_body():
    async def script(call):
        caller = call()
        await caller.says("HEAD /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
        return await caller.hears()

    heard = play(script)
    assert status(heard) == 200
    assert b"\r\ncontent-length: 3\r\n" in heard.lower()
    assert heard.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("said", "begun"),
    [
        (["GET /rea"], "request: its head"),
        (["G", "E", "T", " ", *"/readyz" * 9], "request: its head"),
        ([POST, *["X-Slow: x\r\n"] * 60], "request: its head"),
        ([POST, "Content-Length: 90\r\n\r\n", "{"], "body: "),
        ([POST, "Content-Length: 90\r\n\r\n", *"{" * 60], "body: "),
        ([POST, "Transfer-Encoding: chunked\r\n\r\n", *["1\r\n{\r\n"] * 60], "body: "),
        ([POST, "Transfer-Encoding: chunked\r\n\r\n", *"0" * 60], "body: "),
    ],
    ids=["cut off", "request line", "headers", "no body", "body", "chunks", "size of a chunk"],
)
def test_who_sends_slowly_is_told_and_gone_in_time(said, begun):
    async def script(call):
        caller, began = call(), time.monotonic()

        async def slowly():
            with contextlib.suppress(OSError):
                await caller.says(*said, pause=0.05)

        sending = asyncio.create_task(slowly())
        heard = await caller.hears()
        await caller.ended(2)
        sending.cancel()
        return heard, time.monotonic() - began

    heard, seconds = play(script)
    assert status(heard) == 408
    assert error(heard).startswith(begun)
    assert seconds < 1.5


def test_who_says_nothing_is_gone_in_time():
    async def script(call):
        return await call().ended(2)

    assert play(script) < 1.5


def test_who_does_not_take_his_answer_is_gone_in_time():
    """He would hold the memory of the answer, and a thread where one writes it."""
    body = json.loads(BODY)
    body["parent"]["spec"]["replicas"] = "refused, so that every child is held"
    for number in range(200):
        child = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": f"s{number}", "namespace": "nim"},
            "spec": {"externalName": "x" * 10_000},
        }
        record = {"metacontroller.k8s.io/last-applied-configuration": json.dumps(child)}
        held = {**child, "metadata": {**child["metadata"], "annotations": record}}
        body["children"].setdefault("Service.v1", {})[f"nim/s{number}"] = held
    large = json.dumps(body).encode()

    async def script(call):
        caller = call()
        await caller.says(headed(large), large)
        await asyncio.sleep(1)  # for the hook, and the time to take the answer
        return await caller.hears(1 << 24)

    heard = play(script, Settings(max_body_bytes=8 << 20), Room(64 << 20))
    head, _, body = heard.partition(b"\r\n\r\n")
    (length,) = re.findall(rb"(?i)content-length: (\d+)", head)
    assert len(body) < int(length)


def test_the_token_is_looked_at_before_the_body_is_there(tmp_path):
    (tmp_path / "token").write_text("first\n")

    async def script(call):
        caller = call()
        await caller.says(headed(BODY))
        return await caller.hears()

    heard = play(script, Settings(token_file=str(tmp_path / "token")))
    assert status(heard) == 401


@pytest.mark.parametrize(
    "shown", [[], ["Bearer second"], ["Bearer first", "Bearer first"], ["Bearer first, second"]]
)
def test_one_header_shows_the_token(tmp_path, shown):
    (tmp_path / "token").write_text("first\n")

    async def script(call):
        caller = call()
        await caller.says(headed(BODY, *(f"Authorization: {each}" for each in shown)), BODY)
        return await caller.hears()

    assert status(play(script, Settings(token_file=str(tmp_path / "token")))) == 401


def test_a_body_that_is_too_large_is_told_and_the_rest_is_not_kept():
    async def script(call):
        caller = call()
        await caller.says(headed(b" " * LIMIT * 4), b" " * LIMIT * 4)
        first = await caller.hears()
        await caller.says(headed(BODY), BODY)
        return first, await caller.hears()

    first, second = play(script)
    assert status(first) == 413
    assert error(first) == f"body: larger than {LIMIT} bytes, the setting NIM_HOOKS_MAX_BODY_BYTES"
    assert status(second) == 200


def test_a_body_of_exactly_the_limit_is_read():
    body = BODY + b" " * (LIMIT - len(BODY))

    async def script(call):
        caller = call()
        await caller.says(headed(body), body)
        return await caller.hears()

    assert status(play(script)) == 200


def test_a_body_that_is_waited_for_is_asked_for():
    async def script(call):
        caller = call()
        await caller.says(headed(BODY, "Expect: 100-continue"))
        encouraged = await caller.hears(10)
        await caller.says(BODY)
        return encouraged, await caller.hears()

    encouraged, heard = play(script)
    assert encouraged.startswith(b"HTTP/1.1 100 ")
    assert status(heard) == 200


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("GARBAGE\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00", 400),
        ("GET /readyz HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nBad header: x\r\n\r\n", 400),
        ("GET /" + "x" * 70_000, 431),
        (POST + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
        (POST + "Content-Length: -1\r\n\r\n", 400),
        (POST + "Content-Length: 1e3\r\n\r\n", 400),
        (POST + "Transfer-Encoding: gzip\r\n\r\n", 501),
        (POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (POST + "Transfer-Encoding: chunked\r\n\r\n-5\r\n", 400),
        (POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n", 400),
        (POST + "Transfer-Encoding: chunked\r\n\r\n" + "1" * 70_000, 400),
        (POST + "Transfer-Encoding: chunked\r\n\r\n" + "f" * 21 + "\r\n", 400),
        (POST + "Transfer-Encoding: chunked\r\n\r\n" + "1\r\n \r\n" * 9000, 413),
    ],
)
def test_what_is_no_http_is_refused_and_is_no_bug_of_ours(said, expected):
    """Whoever reaches the port could otherwise raise the alert for bugs."""

    def bugs():
        return [
            REGISTRY.get_sample_value(
                "nimservice_hooks_internal_errors_total", {"resource": "nimservice", "hook": hook}
            )
            for hook in ("sync", "finalize", "customize")
        ]

    async def script(call):
        caller = call()
        before = bugs()
        with contextlib.suppress(OSError):
            await caller.says(said.encode("latin-1"))
        heard = await caller.hears()
        return heard, before, bugs()

    heard, before, after = play(script)
    assert status(heard) == expected
    assert error(heard)
    assert before == after


def test_a_body_in_too_many_pieces_is_refused():
    """Each piece takes time, and the event loop has none for others meanwhile."""

    async def script(call):
        caller = call()
        await caller.says(POST + "Transfer-Encoding: chunked\r\n\r\n" + "1\r\n \r\n" * 9000)
        return await caller.hears()

    heard = play(script, Settings(max_body_bytes=1 << 20), Room(1 << 20))
    assert (status(heard), error(heard)) == (400, "body: comes in more than 8192 pieces")


def test_a_body_that_is_cut_off_is_refused():
    async def script(call):
        caller = call()
        await caller.says(headed(BODY), BODY[:50])
        caller.sock.shutdown(socket.SHUT_WR)
        return await caller.hears()

    assert status(play(script)) == 400


def test_where_there_is_no_room_the_slowest_sender_makes_it():
    body = b" " * (LIMIT - len(BODY)) + BODY

    async def script(call):
        slow = [call() for _ in range(3)]
        for each in slow:
            await each.says(headed(body), body[:-10], pause=0.02)
        quick = call()
        await quick.says(headed(body), body)
        return await quick.hears(), [await each.hears() for each in slow]

    quick, slow = play(script, room=Room(3 * LIMIT))
    assert status(quick) == 200
    assert [status(each) for each in slow] == [503, 408, 408]


def test_the_room_is_given_back():
    room = Room(8 * LIMIT)

    async def script(call):
        for said in (BODY, BODY[:-1], b" " * LIMIT * 3):
            caller = call()
            await caller.says(headed(BODY), said)
            await caller.hears()

    play(script, room=room)
    assert (room.free, room.sending) == (8 * LIMIT, {})


def play_at_door(script):
    """Return what a script returns that plays the callers at a door; ``call()`` gives one more."""

    async def played():
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        door = Door(Front(Settings()), None)
        opening, callers = asyncio.create_task(door.open(listener)), []

        async def call():
            sock = socket.create_connection(listener.getsockname())
            sock.setblocking(False)
            callers.append(Caller(sock))
            await asyncio.sleep(0.02)
            return callers[-1]

        told = await script(call)
        opening.cancel()
        await asyncio.wait([opening])
        listener.close()
        for each in callers:
            each.sock.close()
        await door.close(1)
        return told

    return asyncio.run(played())


def test_callers_that_ask_for_nothing_do_not_end_the_connection_of_one_that_does(monkeypatch):
    monkeypatch.setattr("hooks.web.connection.door._CONNECTIONS", 3)

    async def script(call):
        asking = await call()
        await asking.says(headed(BODY), BODY)
        first = await asking.hears()
        for _ in range(11):
            await call()
        await asking.says(headed(BODY), BODY)
        return first, await asking.hears()

    assert [*map(status, play_at_door(script))] == [200, 200]


def test_of_too_many_callers_the_quietest_makes_room(monkeypatch):
    monkeypatch.setattr("hooks.web.connection.door._CONNECTIONS", 3)
    monkeypatch.setattr(connection, "IDLE", 5)

    async def script(call):
        first, quietest = await call(), await call()
        await first.says("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")  # not the quietest any more
        await first.hears()
        for _ in range(2):
            await call()
        await quietest.ended(1)
        await first.says("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
        return await first.hears()

    assert status(play_at_door(script)) == 200

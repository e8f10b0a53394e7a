"""Attack: how tenants and pods try to hold the real server up, while another team works.

``python -m tests.web.attack 60`` plays each for a minute and prints how long others waited.
"""

import contextlib
import json
import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

import orjson

from tests.certificates import CA, NAME
from tests.nimservice.running import running
from tests.situations import nimservice as situation
from tests.situations import stored
from tests.web.modelserver import DRIPS, served
from tests.web.serving import BODY, SecureServer, Server, said

ENVIRON = {"PYTHONPATH": str(Path(__file__).parent / "slownames")}
CALLERS = 8
"""As many as the server has threads."""

HEAD = "POST /nimservice/sync HTTP/1.1\r\nHost: hooks\r\nAuthorization: Bearer first\r\n"
SLOW = {
    "silent": ("", ""),
    "request line": ("POST /", "x"),
    "headers": (HEAD, "X-Slow: x\r\n"),
    "body": (f"{HEAD}Content-Length: 1000000\r\n\r\n", " "),
    "chunks": (f"{HEAD}Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
    "body without a token": (
        f"{HEAD.replace('first', 'guessed')}Content-Length: 1000000\r\n\r\n",
        " ",
    ),
}
"""Callers that send slowly: what they say at once, and what they say now and then."""


def ready(address, port, namespace):
    """Return a sync of a ready NIMService of a namespace, with its Service at an address."""
    spec = {"expose": {"service": {"port": port}}}
    observed = running(**spec)
    for each in observed:
        if each["kind"] == "Service":
            each["spec"] |= {"clusterIP": address, "clusterIPs": [address]}
    asked = stored.body(situation.nimservice(**spec), observed)
    text = orjson.dumps(asked).decode()
    return re.sub(r'"nim(?=["/])', f'"{namespace}', text).encode()


def model_servers(server: Server, over: Event, form: str) -> Iterator[Thread]:
    """Yield teams whose ready model servers answer without an end, in one of the forms."""
    seen: list[object] = []
    with served({"/v1/models": DRIPS[form], "/v1/metadata": DRIPS[form]}, seen) as address:
        port = int(address.rpartition(":")[2])
        for number in range(CALLERS + 4):
            yield _again(server, over, ready("127.0.0.1", port, f"evil-{number}"))
        over.wait()
    assert seen, "nobody asked the model servers"


def slow_names(server: Server, over: Event) -> Iterator[Thread]:
    """Yield teams with headless Services, whose names take long to resolve."""
    for number in range(CALLERS + 4):
        yield _again(server, over, ready("None", 8000, f"evil-{number}"))
    over.wait()


def slow_callers(server: Server, over: Event, form: str) -> Iterator[Thread]:
    """Yield callers that send slowly, and come back when they are shown the door."""
    first, then = SLOW[form]
    for _ in range(CALLERS):
        yield Thread(target=_drip, args=(server, over, first, then))
    over.wait()


def deaf_callers(server: Server, over: Event) -> Iterator[Thread]:
    """Yield callers that do not take their answers, more than the kernel keeps for them."""
    large = json.loads(BODY)
    large["parent"]["spec"]["env"] = [
        {"name": f"V{number}", "value": "x" * 1000} for number in range(1500)
    ]
    body = orjson.dumps(large)
    for _ in range(CALLERS):
        head = f"{HEAD}Content-Length: {len(body)}\r\n\r\n"
        yield Thread(target=_drip, args=(server, over, (head.encode() + body) * 4, ""))
    over.wait()


def half_handshakes(server: Server, over: Event) -> Iterator[Thread]:
    """Yield callers that begin TLS and do not go on; without TLS they are no HTTP."""
    hello = bytes.fromhex("16030102000100")
    for _ in range(CALLERS):
        yield Thread(target=_drip, args=(server, over, hello, "\0", False))
    over.wait()


ATTACKS = {
    **{
        f"model servers, {form}": lambda server, over, form=form: model_servers(server, over, form)
        for form in ("closing", "HTTP/1.0", "no length", "length", "chunks", "headers")
    },
    "slow name servers": slow_names,
    **{
        f"slow callers, {form}": lambda server, over, form=form: slow_callers(server, over, form)
        for form in SLOW
    },
    "deaf callers": deaf_callers,
    "half handshakes": half_handshakes,
}
SERVERS = [name for name in ATTACKS if "server" in name]
"""The attacks of those who run model servers."""

CALLS = [name for name in ATTACKS if "caller" in name or "handshake" in name]
"""The attacks that TLS and a token might stand against."""


def waited(server: Server, attacks: Iterable[str], seconds: float) -> tuple[float, float]:
    """Play attacks; return the longest times of a probe and of another team's sync."""
    over, probes, syncs = Event(), [0.0], [0.0]
    with ThreadPoolExecutor(len(ATTACKS)) as pool:
        playing = [pool.submit(_play, server, over, ATTACKS[attack]) for attack in attacks]
        time.sleep(min(1.0, seconds / 3))  # until they hold what they can
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                probes.append(_timed(server, "GET", "/readyz", b""))
                syncs.append(_timed(server, "POST", "/nimservice/sync", BODY))
                time.sleep(0.05)
        finally:
            over.set()
        for each in playing:
            each.result()
    return max(probes), max(syncs)


def _play(server, over, attack):
    threads = []
    for thread in attack(server, over):
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


def _timed(server, method, path, body):
    began = time.monotonic()
    with contextlib.closing(server.connect()) as connection:
        status, _ = said(connection, method, path, body, {"Authorization": "Bearer first"})
    if status != 200:
        raise AssertionError(f"{method} {path}: {status}")
    return time.monotonic() - began


def _again(server, over, body):
    """Return a thread that asks for a sync again and again, as Metacontroller does."""

    def ask():
        while not over.wait(0.5):
            with contextlib.suppress(OSError):
                server.post(body=body, Authorization="Bearer first")

    return Thread(target=ask)


def _drip(server, over, first, then, secured=True):
    """Say something at once and something else now and then, on one connection after the other."""
    first, then = (each if isinstance(each, bytes) else each.encode() for each in (first, then))
    while not over.is_set():
        with contextlib.suppress(OSError), contextlib.closing(_connected(server, secured)) as sock:
            with contextlib.suppress(TimeoutError):
                sock.sendall(first)
            while not over.wait(0.2):
                sock.sendall(then)
                if then and _is_over(sock):
                    break


def _connected(server, secured):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # an answer fills it soon
    sock.settimeout(1)
    sock.connect((server.host, server.port))
    if secured and isinstance(server, SecureServer):
        return server.ca.trusted().wrap_socket(sock, server_hostname=NAME)
    return sock


def _is_over(sock):
    """Whether the server has ended a connection; what it says meanwhile is not read."""
    sock.settimeout(0.01)
    try:
        return sock.recv(65536) == b""
    except TimeoutError:
        return False


def main() -> int:
    """Play every attack and tell how long others waited."""
    seconds, worst = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0, 0
    for made, attacks in ((_plain, ATTACKS), (_secured, CALLS)):
        for attack in attacks:
            with tempfile.TemporaryDirectory() as folder:
                server = made(Path(folder))
                try:
                    told = _told(server, attack, seconds)
                finally:
                    server.process.kill()
                    server.process.wait()
            worst |= told.startswith("BAD")
            print(f"{type(server).__name__:13} {attack:36} {told}", flush=True)
    return worst


def _plain(folder):
    return Server(folder / "log", "--bind", "127.0.0.1:0", **ENVIRON)


def _secured(folder):
    return SecureServer(folder, CA())


def _told(server, attack, seconds):
    try:
        probe, sync = waited(server, [attack], seconds)
    except (OSError, AssertionError) as error:
        return f"BAD {error!r}"
    return f"{'ok ' if probe < 1 and sync < 2 else 'BAD'} probe {probe:.3f} s, sync {sync:.3f} s"


if __name__ == "__main__":
    sys.exit(main())

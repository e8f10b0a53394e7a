"""Transport: a hook over HTTP, and a hook in this process, are asked the same."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nimservice_simulator.metacontroller.transport import InProcess, OverHttp, TransportError


class Hook(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"
    connections: set[tuple[str, int]] = set()

    def do_POST(self) -> None:
        type(self).connections.add(self.client_address)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = json.dumps(
            {"path": self.path, "type": self.headers["Content-Type"], "body": json.loads(body)}
        ).encode()
        self.send_response(429 if self.path.startswith("/later") else 200)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_hook_is_asked_over_one_connection(address: str) -> None:
    transport = OverHttp()
    Hook.connections.clear()
    for _ in range(3):
        answer = transport.call(f"{address}/sync?release=1", {"parent": {"name": "ä"}})
    transport.close()
    assert (answer.status, answer.headers["retry-after"]) == (200, "7")
    assert json.loads(answer.body) == {
        "path": "/sync?release=1",
        "type": "application/json",
        "body": {"parent": {"name": "ä"}},
    }
    assert len(Hook.connections) == 1


def test_a_base_address_takes_the_place_of_the_hooks_own(address: str) -> None:
    transport = OverHttp(address)
    answer = transport.call("http://hooks.nim:80/later?release=1", {})
    transport.close()
    assert answer.status == 429
    assert json.loads(answer.body)["path"] == "/later?release=1"


def test_no_answer_is_a_transport_error(address: str) -> None:
    del address
    with pytest.raises(TransportError, match="http error"):
        OverHttp("http://127.0.0.1:1").call("http://x/sync", {})


def test_a_function_gets_path_and_body() -> None:
    asked: list[tuple[str, bytes]] = []

    def hook(path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        asked.append((path, body))
        return 200, {"Retry-After": "1"}, b"{}"

    answer = InProcess(hook).call("http://hooks.nim:80/sync?release=1", {"a": 1})
    assert asked == [("/sync?release=1", b'{"a":1}')]
    assert answer.headers == {"retry-after": "1"}

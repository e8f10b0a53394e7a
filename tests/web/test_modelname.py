"""Model name: what a model server says, and that nothing it does can hurt a sync."""

import contextlib
import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hooks.web import modelname


@contextlib.contextmanager
def served(answers, seen=None):
    """Serve ``path -> (status, body, headers)`` or a function that writes to the client; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if seen is not None:
                seen.append((self.path, dict(self.headers)))
            answer = answers.get(self.path, (404, b"", {}))
            self.close_connection = True
            if callable(answer):
                with contextlib.suppress(OSError):
                    answer(self)
                return
            status, body, headers = answer
            self.send_response(status)
            for name, value in {
                "Content-Length": str(len(body)),
                "Connection": "close",
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def ok(document):
    return 200, json.dumps(document).encode(), {"Content-Type": "application/json"}


def models(*entries):
    return {"/v1/models": ok({"object": "list", "data": list(entries)})}


def packed(document):
    return 200, gzip.compress(json.dumps(document).encode()), {"Content-Encoding": "gzip"}


BASE = {"id": "meta/llama", "object": "model", "root": "meta/llama"}
LORA = {"id": "my-lora", "object": "model", "root": "meta/llama", "parent": "meta/llama"}


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        pytest.param(models(BASE), "meta/llama", id="the only model"),
        pytest.param(
            models({"id": "meta/llama", "object": "other"}),
            "meta/llama",
            id="the only model, whatever it calls itself",
        ),
        pytest.param(models(LORA, BASE), "meta/llama", id="the base model among adapters"),
        pytest.param(
            {"/v1/models": packed({"object": "list", "data": [BASE]})},
            "meta/llama",
            id="a body that is compressed",
        ),
        pytest.param(models(LORA, {**LORA, "id": "another"}), None, id="adapters alone"),
        pytest.param(models(), None, id="no model"),
        pytest.param(models({"id": 7}, "x", None), None, id="entries of no use"),
        pytest.param({"/v1/models": ok({"object": "error", "data": [BASE]})}, None, id="no list"),
        pytest.param({"/v1/models": ok([BASE])}, None, id="another shape"),
        pytest.param(
            {"/v1/models": ok({"object": "list", "data": {"id": "x"}})},
            None,
            id="another shape inside",
        ),
        pytest.param(
            {"/v1/metadata": ok({"modelInfo": [{"shortName": "llama:1.0"}]})},
            "llama",
            id="metadata, without its tag",
        ),
        pytest.param({"/v1/metadata": ok({"modelInfo": []})}, None, id="empty metadata"),
        pytest.param(
            {"/v1/metadata": ok({"modelInfo": "x"})}, None, id="metadata of another shape"
        ),
        pytest.param({}, None, id="nothing there"),
        pytest.param({"/v1/models": (500, b"no", {})}, None, id="an error"),
        pytest.param({"/v1/models": (401, b"", {})}, None, id="a door that is shut"),
        pytest.param({"/v1/models": (200, b"<html>", {})}, None, id="no JSON"),
        pytest.param({"/v1/models": (200, b"", {})}, None, id="no body"),
        pytest.param(
            {"/v1/models": (200, b"junk", {"Content-Encoding": "gzip"})},
            None,
            id="a body that cannot be decoded",
        ),
        pytest.param(
            {"/v1/models": (200, b"short", {"Content-Length": "500"})},
            None,
            id="a body that ends too early",
        ),
        pytest.param(
            {"/v1/models": (200, b'"' + b"x" * (2 << 20) + b'"', {})},
            None,
            id="a body that is too large",
        ),
        pytest.param(models({"id": "x" * 5000}), None, id="a name that is no name"),
    ],
)
def test_the_name_is_what_the_server_says_or_nothing(answers, name):
    """Q52: as in the reference, the only entry of a list counts whatever it calls itself; a test there says the opposite."""
    with served(answers) as address:
        assert modelname.look_up(address) == name


def test_nobody_there_is_no_error():
    assert modelname.look_up("127.0.0.1:9") is None


@pytest.mark.parametrize("address", ["", "no host:80", "[::1", "127.0.0.1:999999", "\x00:1"])
def test_an_address_of_no_use_is_no_error(address):
    assert modelname.look_up(address) is None


def test_no_redirect_is_followed():
    """I-14: a redirect could lead anywhere."""
    with (
        served(models(BASE)) as elsewhere,
        served(
            {"/v1/models": (302, b"", {"Location": f"http://{elsewhere}/v1/models"})}
        ) as address,
    ):
        assert modelname.look_up(address) is None


def test_no_credentials_are_sent_and_no_proxy_is_asked(monkeypatch, tmp_path):
    """I-14: the reference sends its own token to the workload."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    seen = []
    with served(models(BASE), seen) as address:
        assert modelname.look_up(address) == "meta/llama"
    (_, headers), *_ = seen
    assert not {"Authorization", "Cookie", "Proxy-Authorization"} & set(headers)


def stall(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    time.sleep(3)


def drip_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(100):
        handler.wfile.write(b"x")
        time.sleep(0.2)


def drip_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.2)


@pytest.mark.parametrize("slow", [stall, drip_headers, drip_body])
def test_a_slow_server_is_not_waited_for(slow):
    """Q20, I-27: in the reference a hanging model server holds the status back for ever."""
    with served({"/v1/models": slow, "/v1/metadata": slow}) as address:
        begun = time.monotonic()
        assert modelname.look_up(address) is None
        assert time.monotonic() - begun < 2.5


def test_a_url_is_asked_as_it_is():
    """KServe gives URLs, with a path where it routes by one."""
    with served({"/llama/v1/models": ok({"object": "list", "data": [BASE]})}) as address:
        assert modelname.look_up(f"http://{address}/llama/") == "meta/llama"


def test_a_url_with_credentials_is_not_asked():
    """I-14: the reference sends its own token to the model server."""
    seen = []
    with served(models(BASE), seen) as address:
        assert modelname.look_up(f"http://user:secret@{address}") is None
    assert not seen


def test_a_server_that_does_not_prove_who_it_is_is_not_believed():
    with served(models(BASE)) as address:
        assert modelname.look_up(f"https://{address}") is None

"""Model name: what a model server says, and that nothing it does can hurt a sync."""

import asyncio
import json
import socket
import threading
import time

import h11
import pytest

from hooks.web.lookup import modelname
from tests.web.modelserver import DRIPS, served


def ok(document):
    return 200, json.dumps(document).encode(), {"Content-Type": "application/json"}


def models(*entries):
    return {"/v1/models": ok({"object": "list", "data": list(entries)})}


def asked(address):
    """Return what a look-up gives: a name, or None where there is none or the look-up fails."""
    try:
        return asyncio.run(modelname.look_up(address))
    except (OSError, ValueError, h11.ProtocolError):
        return None


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
            {"/v1/models": (200, b"\x1f\x8bjunk", {"Content-Encoding": "gzip"})},
            None,
            id="a body that was compressed unasked",
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
        pytest.param(models({"id": "\x1b[2Jllama"}), None, id="a name that clears a terminal"),
        pytest.param(
            {"/v1/models": (200, b"[" * 900 + b"]" * 900, {})}, None, id="a body nested deeply"
        ),
    ],
)
def test_the_name_is_what_the_server_says_or_nothing(answers, name):
    """Q52: as in the reference, the only entry of a list counts whatever it calls itself; a test
    there says the opposite."""
    with served(answers) as address:
        assert asked(address) == name


def test_nobody_there_is_no_error():
    assert asked("127.0.0.1:9") is None


@pytest.mark.parametrize("address", ["", "no host:80", "[::1", "127.0.0.1:999999", "\x00:1"])
def test_an_address_of_no_use_is_no_error(address):
    assert asked(address) is None


def test_no_redirect_is_followed():
    """I-14: a redirect could lead anywhere."""
    with (
        served(models(BASE)) as elsewhere,
        served(
            {"/v1/models": (302, b"", {"Location": f"http://{elsewhere}/v1/models"})}
        ) as address,
    ):
        assert asked(address) is None


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
        assert asked(address) == "meta/llama"
    (_, headers), *_ = seen
    assert not {"Authorization", "Cookie", "Proxy-Authorization"} & set(headers)


@pytest.mark.parametrize("slow", DRIPS)
def test_a_slow_server_is_not_waited_for(monkeypatch, slow):
    """Q20, I-27: in the reference a hanging model server holds the status back for ever."""
    monkeypatch.setattr(modelname, "_DEADLINE", 0.5)
    with served({"/v1/models": DRIPS[slow], "/v1/metadata": DRIPS[slow]}) as address:
        begun = time.monotonic()
        assert asked(address) is None
        assert time.monotonic() - begun < 1


def test_the_deadline_is_one_for_both_requests(monkeypatch):
    monkeypatch.setattr(modelname, "_DEADLINE", 0.5)

    def late(handler):
        time.sleep(0.3)
        handler.send_response(404)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with served({"/v1/models": late, "/v1/metadata": late}) as address:
        begun = time.monotonic()
        assert asked(address) is None
        assert time.monotonic() - begun < 1


def test_a_slow_name_server_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(modelname, "_DEADLINE", 0.3)
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(5) and [])
    begun = time.monotonic()
    assert asked("llama.nim.svc:8000") is None
    assert time.monotonic() - begun < 1
    over.set()


def test_a_url_is_asked_as_it_is():
    """KServe gives URLs, with a path where it routes by one."""
    with served({"/llama/v1/models": ok({"object": "list", "data": [BASE]})}) as address:
        assert asked(f"http://{address}/llama/") == "meta/llama"


def test_a_url_with_credentials_is_not_asked():
    """I-14: the reference sends its own token to the model server."""
    seen = []
    with served(models(BASE), seen) as address:
        assert asked(f"http://user:secret@{address}") is None
    assert not seen


def test_a_server_that_does_not_prove_who_it_is_is_not_believed():
    with served(models(BASE)) as address:
        assert asked(f"https://{address}") is None

"""Connection: what the API server says, also when it refuses, is busy or is not there."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple

import pytest

from hooks.cluster import api, connection
from hooks.cluster.api import Resource
from hooks.cluster.connection import Connection, Unreachable
from hooks.cluster.discovery import Discovery
from hooks.cluster.server import KubeServer

CONFIG_MAPS = "/api/v1/namespaces/n/configmaps"


class Asked(NamedTuple):
    """What a server was asked, and the bodies that came with it."""

    requests: list
    bodies: list


@contextmanager
def answering(tmp_path, answers):
    """Serve the answers one after the other, the last for good, and yield a kubeconfig that leads
    there and what was asked."""
    requests, sent = [], []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            requests.append(f"{self.command} {self.path}")
            sent.append(
                json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
            )
            status, headers, body = answers[min(len(requests), len(answers)) - 1]
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the library's names

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield (
            kubeconfig(tmp_path, f"http://127.0.0.1:{server.server_address[1]}"),
            Asked(requests, sent),
        )
    finally:
        server.shutdown()
        server.server_close()


def kubeconfig(tmp_path, server):
    path = tmp_path / "kubeconfig"
    config = {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "secret"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    }
    path.write_text(json.dumps(config))
    return path


def status(code, reason, message="no"):
    return (
        code,
        {"Content-Type": "application/json"},
        {"kind": "Status", "reason": reason, "message": message, "code": code},
    )


@pytest.mark.parametrize(
    "kind",
    [api.BadRequest, api.Forbidden, api.NotFound, api.AlreadyExists, api.Conflict, api.Invalid],
)
def test_a_refusal_is_the_exception_of_its_reason_with_the_servers_words(tmp_path, kind):
    with (
        answering(tmp_path, [status(kind.code, kind.reason, "because")]) as (config, _),
        Connection(config) as server,
    ):
        with pytest.raises(kind, match="because") as raised:
            server.request("GET", "/")
        assert type(raised.value) is kind


def test_a_group_that_is_not_served_is_not_found_though_the_server_says_so_in_plain_text(tmp_path):
    with (
        answering(tmp_path, [(404, {}, b"404 page not found\n")]) as (config, _),
        Connection(config) as server,
    ):
        assert Discovery(server).kinds("example.com/v1") == []
        with pytest.raises(api.NotFound, match="404 page not found"):
            server.request("GET", "/")


def test_a_proxys_page_is_quoted_but_not_all_of_it(tmp_path):
    with (
        answering(tmp_path, [(502, {}, b"<html>" + b"x" * 10_000)]) as (config, _),
        Connection(config) as server,
    ):
        with pytest.raises(api.ApiError) as raised:
            server.request("GET", "/")
        assert str(raised.value).startswith("<html>")
        assert len(str(raised.value)) <= 500


def test_a_server_that_is_busy_is_asked_again(tmp_path, monkeypatch):
    waited = []
    monkeypatch.setattr(connection.time, "sleep", waited.append)
    busy = (
        429,
        {"Retry-After": "2"},
        {"reason": "TooManyRequests", "message": "storage is (re)initializing"},
    )
    with (
        answering(tmp_path, [busy, busy, (200, {}, {"kind": "Pod"})]) as (config, asked),
        Connection(config) as server,
    ):
        assert server.request("GET", "/pod") == {"kind": "Pod"}
    assert (len(asked.requests), waited) == (3, [2, 2])


def test_a_server_that_stays_busy_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(connection.time, "sleep", lambda _: None)
    with answering(tmp_path, [(429, {"Retry-After": "soon"}, {"message": "busy"})]) as (config, _):  # noqa: SIM117
        with Connection(config) as server, pytest.raises(api.ApiError, match="busy"):
            server.request("GET", "/")


def test_a_server_that_is_not_there_is_unreachable(tmp_path):
    with (
        Connection(kubeconfig(tmp_path, "http://127.0.0.1:1")) as server,
        pytest.raises(Unreachable, match="cannot reach"),
    ):
        server.request("GET", "/")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"clusters": [], "contexts": [], "users": []}',
        '{"clusters": [], "contexts": [], "current-context": "gone"}',
    ],
)
def test_a_kubeconfig_of_no_use_is_named(tmp_path, text):
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    with pytest.raises(Unreachable, match=str(path)):
        Connection(path)


def test_a_kind_is_discovered_once_and_its_objects_are_named(tmp_path):
    kinds = {"resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": True}]}
    items = {"items": [{"metadata": {"name": "c"}}]}
    with (
        answering(tmp_path, [(200, {}, kinds), (200, {}, items)]) as (config, asked),
        KubeServer(config) as server,
    ):
        kind = server.find_kind("v1", "ConfigMap")
        assert (kind.plural, kind.namespaced, kind.status) == ("configmaps", True, False)
        assert server.path(Resource("v1", "ConfigMap", ""), "n", "c") == f"{CONFIG_MAPS}/c"
        (found,) = server.list(kind, "n")
    assert (found["apiVersion"], found["kind"]) == ("v1", "ConfigMap")
    assert asked.requests == ["GET /api/v1", f"GET {CONFIG_MAPS}"]

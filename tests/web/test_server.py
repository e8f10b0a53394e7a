"""The real server in its own process: what only sockets, workers and signals can show."""

import json
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.web.serving import BODY, Server, failed, said


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log"
    running = Server(
        log, "--bind", "127.0.0.1:0", NIM_HOOKS_MAX_BODY_BYTES="65536", PYTHONHASHSEED="1"
    )
    running.early = running.connect()
    running.early_since = time.monotonic()
    assert said(running.early, "GET", "/readyz") == (200, b"ok\n")
    yield running
    assert running.stop() == 0


@pytest.fixture
def other(tmp_path):
    running = Server(
        tmp_path / "log", "--bind", ":0", "--workers", "1", "--threads", "2", PYTHONHASHSEED="2"
    )
    yield running
    if running.process.poll() is None:
        assert running.stop() == 0


def test_a_nimservice_gets_its_children(server):
    status, body = server.post()
    assert status == 200
    assert {child["kind"] for child in json.loads(body)["children"]} >= {"Service", "Deployment"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/nimservice/sync", b"no json", 400),
        ("POST", "/nimservice/finalize", b"[]", 422),
        ("POST", "/nimservice/customize", b"{}", 422),
        ("GET", "/nimservice/sync", b"", 405),
        ("POST", "/elsewhere", b"{}", 404),
        ("POST", "/nimservice/sync", b" " * 65537, 413),
        ("POST", "/nimservice/sync", b" " * 400_000, 413),
        ("POST", "/nimservice/sync?release=other", BODY, 429),
    ],
)
def test_a_bad_request_leaves_the_worker_and_the_connection_usable(
    server, method, path, body, status
):
    connection = server.connect()
    got, answer = said(connection, method, path, body)
    assert got == status
    assert list(json.loads(answer)) == ["error"]
    assert said(connection, "POST", "/nimservice/sync", BODY)[0] == 200
    connection.close()


def test_a_chunked_body_is_read_up_to_the_limit(server):
    for padding, status in ((0, 200), (65536, 413)):
        connection = server.connect()
        connection.request(
            "POST",
            "/nimservice/sync",
            iter([BODY, b" " * padding]),
            encode_chunked=True,
            headers={"Transfer-Encoding": "chunked"},
        )
        with connection.getresponse() as response:
            assert response.status == status
        connection.close()


def test_metrics_are_those_of_all_workers_and_log_lines_stay_whole(server):
    def count():
        connection = server.connect()
        text = said(connection, "GET", "/metrics")[1].decode()
        connection.close()
        found = re.search(
            r'requests_total\{hook="finalize",resource="nimservice",status="200"\} (\S+)', text
        )
        return float(found[1]) if found else 0

    before = count()
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: server.post("/nimservice/finalize")[0], range(100)))
    assert statuses == [200] * 100
    assert {count() for _ in range(6)} == {before + 100}
    assert (
        len(
            [
                line
                for line in server.lines()
                if line.get("hook") == "finalize" and line["status"] == 200
            ]
        )
        >= 100
    )


def test_two_servers_say_the_same_bytes(server, other):
    def timeless(body):
        return re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"then", body)

    for hook in ("sync", "finalize", "customize"):
        assert timeless(server.post(f"/nimservice/{hook}")[1]) == timeless(
            other.post(f"/nimservice/{hook}")[1]
        )


@pytest.fixture
def narrow(tmp_path):
    running = Server(tmp_path / "log", "--bind", "127.0.0.1:0", "--workers", "2", "--threads", "1")
    yield running
    assert running.stop() == 0


def test_a_worker_whose_threads_are_busy_leaves_connections_to_the_others(narrow):
    with socket.create_connection((narrow.host, narrow.port)) as slow:
        slow.sendall(
            b"POST /nimservice/sync HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"
        )  # a thread waits for the rest
        time.sleep(0.2)
        began = time.monotonic()
        assert [narrow.post()[0] for _ in range(20)] == [200] * 20
        assert time.monotonic() - began < 5


def test_without_a_host_both_ip_families_are_served(other):
    hosts = ["127.0.0.1", "::1"] if socket.has_dualstack_ipv6() else ["127.0.0.1"]
    for host in hosts:
        connection = other.connect(host)
        assert said(connection, "GET", "/healthz") == (200, b"ok\n")
        connection.close()


def test_sigterm_closes_the_door_finishes_what_is_in_flight_and_exits_zero(other):
    connection = other.connect("127.0.0.1")
    said(connection, "GET", "/readyz")
    connection.putrequest("POST", "/nimservice/sync")
    connection.putheader("Content-Length", str(len(BODY)))
    connection.endheaders(BODY[:100])
    time.sleep(0.1)  # until a thread waits for the rest
    other.process.send_signal(signal.SIGTERM)
    while not refuses(other):
        time.sleep(0.02)
    connection.send(BODY[100:])
    with connection.getresponse() as response:
        assert response.status == 200
    connection.close()
    assert other.process.wait(timeout=10) == 0
    assert other.lines()[-1]["message"] == "stopped"


def refuses(server):
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_an_address_in_use_is_one_line(server):
    code, lines = failed("--bind", f"127.0.0.1:{server.port}")
    assert code == 2
    expected = f"nimservice serve: cannot listen on 127.0.0.1:{server.port}: Address already in use; choose another address with --bind HOST:PORT"
    assert lines == [expected]


def test_a_connection_survives_the_silence_that_metacontroller_keeps(server):
    # gunicorn's own default ends it after 2 s; ours, 95 s, is longer than any test may wait
    time.sleep(max(0, server.early_since + 2.5 - time.monotonic()))
    assert said(server.early, "POST", "/nimservice/sync", BODY)[0] == 200
    server.early.close()

"""Nobody holds the real server up; ``tests/web/attack.py`` has the attacks."""

import pytest

from tests.certificates import CA
from tests.web import attack
from tests.web.serving import SecureServer, Server

SECONDS = 6
"""Longer than each of the server's deadlines."""


@pytest.fixture
def stopped():
    """Take servers that are to stop as if nothing had been."""
    running = []
    yield running.append
    for server in running:
        assert server.stop() == 0
        assert [line for line in server.lines() if line["level"] == "error"] == []


def unharmed(server, attacks):
    probe, sync = attack.waited(server, attacks, SECONDS)
    assert probe < 1
    assert sync < 2


def test_model_servers_and_name_servers_without_an_answer_hold_nothing_up(tmp_path, stopped):
    server = Server(tmp_path / "log", "--bind", "127.0.0.1:0", **attack.ENVIRON)
    stopped(server)
    unharmed(server, attack.SERVERS)


def test_slow_callers_hold_nothing_up(tmp_path, stopped):
    server = Server(tmp_path / "log", "--bind", "127.0.0.1:0")
    stopped(server)
    unharmed(server, attack.CALLS)


def test_slow_callers_with_tls_and_a_token_hold_nothing_up(tmp_path, stopped):
    server = SecureServer(tmp_path, CA())
    stopped(server)
    unharmed(server, attack.CALLS)

"""Where a tenant may lead the hooks by an address, and where not."""

import asyncio
import socket
import threading

import pytest

from hooks.web.lookup import address


def resolved(host):
    return asyncio.run(address.resolve(host, 80))


@pytest.fixture
def named(monkeypatch):
    """Say where every name leads."""

    def leads_to(*found):
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda *_, **__: [(0, 0, 0, "", (each, 0)) for each in found],
        )

    return leads_to


@pytest.mark.parametrize("host", ["10.96.0.10", "fd00::10", "203.0.113.7"])
def test_an_address_is_asked_as_it_is(host):
    assert resolved(host) == [(host, 80)]


def test_a_name_leads_to_its_addresses(named):
    named("10.0.0.1", "fd00::1")
    assert resolved("llama.nim.svc") == [("10.0.0.1", 80), ("fd00::1", 80)]


def test_of_many_addresses_a_few_are_tried(named):
    named(*(f"10.0.0.{number}" for number in range(12)))
    assert len(resolved("llama.nim.svc")) == 3


FORBIDDEN = [
    "169.254.169.254",
    "fe80::1",
    "::ffff:169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "224.0.0.1",
    "ff02::1",
    "0.0.0.0",
    "::",
]


@pytest.mark.parametrize("host", FORBIDDEN)
def test_machines_that_tell_credentials_and_no_machines_are_not_asked(named, host):
    with pytest.raises(ValueError, match="does not lead to a model server"):
        resolved(host)
    named("10.0.0.1", host)
    with pytest.raises(ValueError, match="does not lead to a model server"):
        resolved("llama.nim.svc")


@pytest.mark.parametrize("own", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.8.8.8"])
def test_a_name_does_not_lead_to_the_hooks_own_machine(named, own):
    """Whoever may make a Service of type ExternalName may lead its name anywhere."""
    named(own)
    with pytest.raises(ValueError, match="does not lead to a model server"):
        resolved("llama.nim.svc")


def test_a_name_that_leads_nowhere_is_an_error(monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(OSError, match="no such name"):
        resolved("llama.nim.svc")


def test_few_threads_wait_for_a_slow_name_server(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(10) and [])

    async def many():
        return await asyncio.gather(
            *(asyncio.wait_for(address.resolve("slow", 80), 0.5) for _ in range(20)),
            return_exceptions=True,
        )

    before = threading.active_count()
    failures = asyncio.run(many())
    assert threading.active_count() - before <= 4
    assert [type(each) for each in failures].count(TimeoutError) == 4
    assert sum("too slow" in str(each) for each in failures) == 16
    over.set()
    while threading.active_count() > before:
        pass

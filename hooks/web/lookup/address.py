"""Address: the machines that a look-up may call, so that no tenant leads the hooks elsewhere."""

import asyncio
import ipaddress
import socket
import threading
from concurrent.futures import Future

Address = tuple[str, int]
"""An IP address as text, and a port."""

_MOST = 3  # addresses of a name that are tried
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        # Azure, Alibaba, Oracle, AWS and Google; the others are link-local.
        ("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
    )
)
"""The addresses at which clouds give a machine its credentials."""

# Nothing ends a thread that waits for a name server, so few of them may.
_resolving = threading.BoundedSemaphore(4)

_IP = ipaddress.IPv4Address | ipaddress.IPv6Address


async def resolve(host: str, port: int) -> list[Address]:
    """Return the first addresses of a host.

    Raises:
        OSError: if the name has no address, or the name servers are too slow.
        ValueError: if it leads to the hooks' own machine, to a cloud's metadata or to no machine.
    """
    try:
        # An IP address is that of a Service, chosen by the API server.
        found, own = [ipaddress.ip_address(host)], False
    except ValueError:
        found = [ipaddress.ip_address(each) for each in (await _named(host))[:_MOST]]
        own = any(_plain(each).is_loopback for each in found)
    if own or any(_off_limits(_plain(each)) for each in found):
        raise ValueError("the address does not lead to a model server")
    return [(str(each), port) for each in found]


def _plain(each: _IP) -> _IP:
    """Return the IPv4 address in an IPv4-mapped IPv6 address, or the address itself."""
    return getattr(each, "ipv4_mapped", None) or each


def _off_limits(each: _IP) -> bool:
    return each.is_link_local or each.is_multicast or each.is_unspecified or each in _METADATA


async def _named(host: str) -> list[str]:
    """Return the addresses of a name, resolved in a thread that may be left behind."""
    if not _resolving.acquire(blocking=False):
        raise OSError("the name servers are too slow")
    answer: Future[list[str]] = Future()
    answer.set_running_or_notify_cancel()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answer.set_result([str(each[4][0]) for each in found])
        except (OSError, ValueError) as error:
            answer.set_exception(error)
        finally:
            _resolving.release()

    threading.Thread(target=ask, name="name server", daemon=True).start()
    return await asyncio.wrap_future(answer)

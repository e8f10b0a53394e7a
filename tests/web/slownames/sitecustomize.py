"""Makes name servers slow for a process that has this folder in its PYTHONPATH."""

import socket
import time

_ask = socket.getaddrinfo


def _slowly(host, *arguments, **options):
    if str(host).endswith(".svc"):
        time.sleep(8)  # a name server that is away: libc asks it again and again
        raise socket.gaierror("no answer")
    return _ask(host, *arguments, **options)


socket.getaddrinfo = _slowly

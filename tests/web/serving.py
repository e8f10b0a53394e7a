"""Serving: the hook server in a process of its own, over HTTP and over HTTPS with a token."""

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from tests.certificates import NAME, Mounted

NIMSERVICE = Path(sys.executable).with_name("nimservice")
BODY = json.dumps(
    {
        "parent": {
            "apiVersion": "apps.nvidia.com/v1alpha1",
            "kind": "NIMService",
            "metadata": {"namespace": "nim", "name": "llama", "uid": "u", "generation": 1},
            "spec": {
                "image": {"repository": "example.com/nim", "tag": "1"},
                "authSecret": "key",
                "storage": {"pvc": {"name": "models"}},
                "expose": {"service": {"port": 8000}},
            },
        },
        "children": {},
        "related": {},
        "finalizing": False,
    }
).encode()


class Server:
    """A hook server on a free port, and what it has logged."""

    def __init__(self, log, *arguments, **environ):
        self.log = log
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                [NIMSERVICE, "serve", *arguments], stderr=stderr, env={**os.environ, **environ}
            )
        deadline = time.monotonic() + 20
        while not (found := re.search(r'"address":"([^"]+)"', log.read_text())):
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "the server does not come up"
            time.sleep(0.02)
        address = urlsplit(found[1])
        self.host, self.port = address.hostname, address.port

    def connect(self, host=None):
        return http.client.HTTPConnection(host or self.host, self.port, timeout=10)

    def post(self, path="/nimservice/sync", body=BODY, **headers):
        connection = self.connect()
        try:
            return said(connection, "POST", path, body, headers)
        finally:
            connection.close()

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)


def said(connection, method, path, body=b"", headers=()):
    connection.request(method, path, body, dict(headers))
    response = connection.getresponse()
    return response.status, response.read()


def failed(*arguments, **environ):
    """Return the exit code and the last line of a server that does not start."""
    done = subprocess.run(
        [NIMSERVICE, "serve", *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


class Connection(http.client.HTTPSConnection):
    """HTTPS to the server by the name that Metacontroller calls it."""

    def __init__(self, port, context):
        super().__init__("127.0.0.1", port, timeout=10, context=context)
        self._trust = context

    def connect(self):
        self.sock = self._trust.wrap_socket(
            socket.create_connection((self.host, self.port), self.timeout), server_hostname=NAME
        )


class SecureServer(Server):
    """A hook server with a certificate and a token in mounted Secrets."""

    def __init__(self, folder, ca, *arguments):
        self.ca = ca
        self.tls = Mounted(folder / "tls", **pair(ca))
        self.token = Mounted(folder / "token", accepted=b"first\n")
        super().__init__(
            folder / "log",
            *("--bind", "127.0.0.1:0", *arguments),
            NIM_HOOKS_TLS_CERT_FILE=self.tls["crt"],
            NIM_HOOKS_TLS_KEY_FILE=self.tls["key"],
            NIM_HOOKS_TOKEN_FILE=self.token["accepted"],
        )

    def connect(self, ca=None):
        return Connection(self.port, (ca or self.ca).trusted())

    def ask(self, token="first", **headers):
        return self.post(Authorization=f"Bearer {token}", **headers)[0]

    def shows(self):
        """Return the certificate that a new connection gets."""
        connection = self.connect()
        connection.connect()
        shown = connection.sock.getpeercert(binary_form=True)
        connection.close()
        return ssl.DER_cert_to_PEM_cert(shown).encode()


def got(connection, path="/healthz"):
    """Return the status of one request."""
    with closing(connection):
        return said(connection, "GET", path)[0]


def pair(ca, **options):
    certificate, key = ca.issue(**options)
    return {"crt": certificate, "key": key}

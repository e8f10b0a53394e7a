"""Door: stands before the hooks and lets requests through, or has the trouble that networks and
servers have."""

import http.client
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from nimservice_simulator.metacontroller.transport import TransportError
from tests.control_plane.programs import HOST

Handle = Callable[[str, bytes], tuple[int, Mapping[str, str], bytes]]

TROUBLES = ("down", "error", "half", "slow")
"""Nobody answers; a 500; an answer that is cut off; an answer that comes too late."""

IN_PROCESS = TROUBLES[:3]
"""Those that differ where no network is between: too late is the same as not at all."""

_TOO_LATE = 10.5
"""Seconds; the CompositeController says 10."""


class Door:
    """The way to the hooks for the stand-in's loop, in this process."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self.trouble = ""

    def __call__(self, path: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        if self.trouble == "down":
            raise TransportError("http error: nobody answers")
        status, headers, text = self._handle(path, body)
        if self.trouble == "error":
            return 500, {}, b'{"error":"a bug"}'
        return status, headers, text[: len(text) // 2] if self.trouble == "half" else text


class HttpDoor:
    """The way to a hook server for the real program."""

    def __init__(self, target: str) -> None:
        self.trouble = ""
        door, host = self, urlsplit(target).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if door.trouble == "slow":
                    time.sleep(_TOO_LATE)
                if door.trouble in ("down", "slow"):
                    self.close_connection = True
                    return
                connection = http.client.HTTPConnection(host, timeout=20)
                connection.request("POST", self.path, body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                text = answer.read()
                connection.close()
                self.send_response(500 if door.trouble == "error" else answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                for name in ("Retry-After",):
                    if value := answer.getheader(name):
                        self.send_header(name, value)
                self.end_headers()
                if door.trouble == "half":
                    self.wfile.write(text[: len(text) // 2])
                    self.close_connection = True
                else:
                    self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Keep quiet: the hooks log every request themselves."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://{HOST}:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, name="door", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

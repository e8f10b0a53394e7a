"""Model server: one that answers as it is told, or never to an end."""

import contextlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextlib.contextmanager
def served(answers, seen=None):
    """Serve ``path -> (status, body, headers)``, or a function that writes; yield the address."""

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


def stall(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    time.sleep(3)


def drip(head, forever):
    """Return a server that says a head at once and then something else forever."""

    def drips(handler):
        handler.wfile.write(head)
        for _ in range(100):
            handler.wfile.write(forever)
            time.sleep(0.05)

    return drips


DRIPS = {
    "closing": drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b" "),
    "HTTP/1.0": drip(b"HTTP/1.0 200 OK\r\n\r\n", b" "),
    "no length": drip(b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    "length": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
    "chunks": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "header": drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
    "headers": drip(b"HTTP/1.1 200 OK\r\n", b"X-Slow: x\r\n"),
    "go on": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "nothing": stall,
}
"""Servers that answer without an end, by what they repeat."""

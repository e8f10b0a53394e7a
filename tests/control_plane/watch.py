"""Watch: reports all objects of a kind and their changes from a thread of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import httpx2
import orjson

from hooks.cluster.api import ApiError, Object, Resource, name_of
from hooks.cluster.connection import Connection, reaching, refusal
from nimservice_simulator.api import Event, Watcher

_PAUSE = 1.0
"""Seconds before a failed watch is tried again."""

_SECONDS = 300
"""How long the API server may keep one watch open."""


class Stream:
    """A streamed answer, which another thread may close."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def close(self) -> None:
        """Close it, so that the reader gets no more."""
        connection: socket.socket | None = self._response.extensions[
            "network_stream"
        ].get_extra_info("socket")
        with contextlib.suppress(OSError):
            if connection is not None:
                connection.shutdown(socket.SHUT_RDWR)


class StreamingConnection(Connection):
    """A connection that reads answers that do not end."""

    def stream(
        self, path: str, on_open: Callable[[Stream], None], query: Mapping[str, str]
    ) -> Iterator[Object]:
        """Yield the objects of a streamed answer, one per line, until it ends or is closed."""
        timeout = httpx2.Timeout(30, read=None)
        with (
            reaching(),
            self._client.stream("GET", path, params=dict(query), timeout=timeout) as response,
        ):
            on_open(Stream(response))
            if not response.is_success:
                raise refusal(response.status_code, response.read())
            for line in response.iter_lines():
                yield orjson.loads(line)


class Watch:
    """Watches one kind at one path; after an interruption it lists again to find what it missed."""

    def __init__(
        self,
        connection: StreamingConnection,
        path: str,
        resource: Resource,
        watcher: Watcher,
        happened: Callable[[], None],
    ) -> None:
        self._connection, self._path, self._resource = connection, path, resource
        self._watcher, self._happened = watcher, happened
        self._known: dict[tuple[str, str], Object] = {}
        self._version = ""
        self._stopped = threading.Event()
        self._stream: Stream | None = None
        self._thread = threading.Thread(
            target=self._follow, name=f"watch {resource.plural}", daemon=True
        )

    def start(self) -> None:
        """Report every existing object, then follow in a thread."""
        self._list()
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait up to two seconds for it."""
        self._stopped.set()
        if self._stream:
            self._stream.close()
        self._thread.join(timeout=2)

    def _list(self) -> None:
        answer = self._connection.request("GET", self._path)
        self._version = answer["metadata"]["resourceVersion"]
        # The items of built-in kinds have neither apiVersion nor kind.
        items = [
            {"apiVersion": self._resource.api_version, "kind": self._resource.kind, **item}
            for item in answer["items"] or []
        ]
        here = {name_of(item) for item in items}
        for key in self._known.keys() - here:
            self._tell("DELETED", self._known[key])
        for item in items:
            old = self._known.get(name_of(item))
            if (
                old is None
                or old["metadata"]["resourceVersion"] != item["metadata"]["resourceVersion"]
            ):
                self._tell("MODIFIED" if old else "ADDED", item)

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                if not self._version:
                    self._list()
                self._read()
            except (ApiError, ValueError):  # ValueError: a line that was cut off is not JSON
                # The version is too old, or the kind or the server is gone. List again.
                self._version = ""
                self._stopped.wait(_PAUSE)

    def _read(self) -> None:
        query = {
            "watch": "true",
            "resourceVersion": self._version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_SECONDS),
        }
        for event in self._connection.stream(self._path, self._opened, query):
            if event["type"] == "ERROR":
                raise ApiError(event["object"].get("message", "the watch ended"))
            self._version = event["object"]["metadata"]["resourceVersion"]
            if event["type"] != "BOOKMARK":
                self._tell(event["type"], event["object"])

    def _opened(self, stream: Stream) -> None:
        self._stream = stream
        if self._stopped.is_set():
            stream.close()

    def _tell(self, kind: Literal["ADDED", "MODIFIED", "DELETED"], obj: Object) -> None:
        old = self._known.pop(name_of(obj), None)
        if kind != "DELETED":
            self._known[name_of(obj)] = obj
        self._watcher(Event(kind, obj, old))
        self._happened()

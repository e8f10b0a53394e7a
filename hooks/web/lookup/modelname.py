"""Model name: asks a ready model server which model it serves, as a best effort."""

import asyncio
import ssl
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import h11
import orjson

from hooks.web.lookup import address
from hooks.web.lookup.address import Address

_DEADLINE = 5.0  # seconds for everything: nobody waits for it
_LARGEST = 1 << 18  # bytes of an answer to read: a list of five hundred models
_LONGEST = 512  # characters of a name; the status is stored with it


class _Server(NamedTuple):
    """A model server, by its URL."""

    host: str
    port: int
    path: str
    secure: bool


async def look_up(at: str) -> str | None:
    """Return the name of the model served at an address, or None if the server names none.

    The address is ``host:port``, or the URL that KServe reports. The request sends no credentials,
    follows no redirect, and uses no proxy (I-14).

    Raises:
        OSError, ValueError, h11.ProtocolError: without a usable answer within five seconds.
    """
    server = _server(at)
    async with asyncio.timeout(_DEADLINE):
        places = await address.resolve(server.host, server.port)
        name = _served(await _get(server, places, "/v1/models"))
        name = name or _described(await _get(server, places, "/v1/metadata"))
    return name if name and len(name) <= _LONGEST and name.isprintable() else None


def _server(at: str) -> _Server:
    url = urlsplit(at if "://" in at else f"http://{at}")
    # The part before an @ would be sent as credentials. A question mark would change our path.
    if (
        url.scheme not in ("http", "https")
        or not url.hostname
        or "@" in url.netloc
        or "?" in at
        or "#" in at
    ):
        raise ValueError("the address is not that of a model server")
    port = url.port or (443 if url.scheme == "https" else 80)
    return _Server(url.hostname, port, url.path.rstrip("/"), url.scheme == "https")


async def _get(server: _Server, places: list[Address], path: str) -> object:
    """Return the server's answer as JSON, or None for any other answer."""
    reader, writer = await _connected(server, places)
    try:
        host = f"[{server.host}]" if ":" in server.host else server.host
        http = h11.Connection(h11.CLIENT)
        request = h11.Request(
            method="GET",
            target=f"{server.path}{path}",
            headers=[
                ("Host", f"{host}:{server.port}"),
                ("User-Agent", "nimservice-hooks"),
                ("Accept", "application/json"),
                ("Connection", "close"),
            ],
        )
        writer.write((http.send(request) or b"") + (http.send(h11.EndOfMessage()) or b""))
        return await _said(http, reader)
    finally:
        writer.transport.abort()


async def _connected(
    server: _Server, places: list[Address]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    trust, name = (_trust(), server.host) if server.secure else (None, None)
    refused: OSError = ConnectionError("it has no address")
    for host, port in places:
        try:
            return await asyncio.open_connection(host, port, ssl=trust, server_hostname=name)
        except OSError as error:
            refused = error
    raise refused


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


async def _said(http: h11.Connection, reader: asyncio.StreamReader) -> object:
    body, left = bytearray(), _LARGEST
    while not isinstance(event := http.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            data = await reader.read(left + 1)
            left -= len(data)
            if left < 0:
                raise ValueError(f"its answer is longer than {_LARGEST} bytes")
            http.receive_data(data)
        elif isinstance(event, h11.Response) and event.status_code != 200:
            return None
        elif isinstance(event, h11.Data):
            body += event.data
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _served(listing: object) -> str | None:
    """Return the name in an answer of ``/v1/models``: the only entry, or the first base model."""
    models = (
        listing.get("data")
        if isinstance(listing, dict) and listing.get("object") == "list"
        else None
    )
    entries = (
        [
            each
            for each in models or []
            if isinstance(each, dict) and isinstance(each.get("id"), str)
        ]
        if isinstance(models, list)
        else []
    )
    if len(entries) == 1:
        return str(entries[0]["id"]) or None
    return next(
        (
            each["id"]
            for each in entries
            if each.get("object") == "model" and each.get("root") == each["id"]
        ),
        None,
    )


def _described(metadata: object) -> str | None:
    """Return the name in an answer of ``/v1/metadata``."""
    info = metadata.get("modelInfo") if isinstance(metadata, dict) else None
    first = info[0] if isinstance(info, list) and info and isinstance(info[0], dict) else {}
    return str(first.get("shortName") or "").partition(":")[0] or None

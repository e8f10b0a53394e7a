"""Model name: asks a ready model server which model it serves, as a best effort."""

import contextlib
import socket
from threading import Timer

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

_TIMEOUT = 1.0  # seconds: a sync waits for it
_LARGEST = 1 << 20  # bytes of an answer that is read
_LONGEST = 512  # characters of a name; the status is stored with it


def look_up(address: str) -> str | None:
    """Return the name of the model served at an address, or None without an answer in a second.

    The address is ``host:port``, or the URL that KServe reports. The request sends no credentials,
    follows no redirect, and uses no proxy (I-14).
    """
    url = (address if "://" in address else f"http://{address}").rstrip("/")
    if "@" in url:  # the part before it would be sent as credentials
        return None
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", _Adapter())
        session.mount("https://", _Adapter())
        try:
            name = _served(_get(session, f"{url}/v1/models")) or _described(
                _get(session, f"{url}/v1/metadata")
            )
        except (requests.RequestException, HTTPError, OSError, ValueError):
            return None
    return name if name and len(name) <= _LONGEST else None


def _get(session: requests.Session, url: str) -> object:
    """Return the server's answer as JSON, or None if it is not usable."""
    with session.get(url, timeout=_TIMEOUT, allow_redirects=False, stream=True) as response:
        if response.status_code != 200:
            return None
        body = response.raw.read(_LARGEST + 1, decode_content=True)
    try:
        return None if len(body) > _LARGEST else orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


class _Connection(HTTPConnection):
    """A connection that ends after a second; a read timeout does not stop a slow sender."""

    def connect(self) -> None:
        super().connect()
        self._end = Timer(_TIMEOUT, self._shut)
        self._end.daemon = True
        self._end.start()

    def close(self) -> None:
        if hasattr(self, "_end"):
            self._end.cancel()
        super().close()

    def _shut(self) -> None:
        with contextlib.suppress(OSError, AttributeError):  # it may be closed already
            self.sock.shutdown(socket.SHUT_RDWR)


class _SecureConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: object, **options: object) -> None:
        super().init_poolmanager(*args, **options)  # type: ignore[arg-type]
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


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

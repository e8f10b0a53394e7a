"""TLS: the server's certificate, read from its files as they are when a connection begins."""

import ssl
from pathlib import Path

from hooks.resources import Settings
from hooks.web.reread import Reread

Certificate = Reread[ssl.SSLContext]


def certificate(settings: Settings) -> Certificate | None:
    """Return the context for new connections, or None for plain HTTP.

    Raises:
        OSError, ValueError: if a file cannot be read, or certificate and key do not match.
    """
    if not settings.tls_cert_file:
        return None
    chain, key = Path(settings.tls_cert_file), Path(settings.tls_key_file)

    def context() -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)  # TLS 1.2 or later
        made.options |= ssl.OP_NO_RENEGOTIATION  # it costs the server more than the caller
        made.load_cert_chain(chain, key, password=_no_password)
        return made

    return Reread((chain, key), context)


def _no_password() -> str:
    """Fail instead of letting OpenSSL ask at the terminal."""
    raise ValueError("the key is encrypted")

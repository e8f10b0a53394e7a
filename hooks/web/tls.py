"""TLS: the certificate that the server shows, as its files have it when a connection begins."""

import ssl
from pathlib import Path

from hooks.resources import Settings
from hooks.web.reread import Reread


def certificate(settings: Settings) -> Reread[ssl.SSLContext] | None:
    """Return the context for new connections, or None where the server speaks plain HTTP.

    Raises:
        OSError, ValueError: where a file cannot be read, or they hold no certificate and key that fit.
    """
    if not settings.tls_cert_file:
        return None
    chain, key = Path(settings.tls_cert_file), Path(settings.tls_key_file)

    def context() -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)  # TLS 1.2 or later
        made.load_cert_chain(chain, key, password=_no_password)
        return made

    return Reread((chain, key), context)


def _no_password() -> str:
    """Fail where OpenSSL would ask at the terminal."""
    raise ValueError("the key is encrypted")

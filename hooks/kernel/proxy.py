"""Proxy: the environment variables for a proxy."""

from hooks.kernel.api.proxy import Proxy
from hooks.kernel.manifest import Manifest

IN_CLUSTER = ("localhost", "127.0.0.1", "::1", ".svc", ".cluster.local")
"""Hosts that no proxy can reach."""


def variables(proxy: Proxy | None) -> list[Manifest]:
    """Return the variables for the given proxies."""
    if proxy is None:
        return []
    users = [part.strip() for part in (proxy.no_proxy or "").split(",") if part.strip()]
    direct = (
        list(dict.fromkeys((*users, *IN_CLUSTER)))
        if proxy.http_proxy or proxy.https_proxy
        else users
    )
    given = {
        "HTTPS_PROXY": proxy.https_proxy,
        "HTTP_PROXY": proxy.http_proxy,
        "NO_PROXY": ",".join(direct),
    }
    values = {
        "NIM_SDK_USE_NATIVE_TLS": "1",
        **given,
        **{name.lower(): value for name, value in given.items()},
    }
    return [{"name": name, "value": value} for name, value in values.items() if value]

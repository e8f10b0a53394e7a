"""Proxy: the variables by which containers reach the outside, only those that are given."""

from hooks.kernel.api.proxy import Proxy
from hooks.kernel.manifest import Manifest

IN_CLUSTER = ("localhost", "127.0.0.1", "::1", ".svc", ".cluster.local")
"""What no proxy can reach."""


def variables(proxy: Proxy | None) -> list[Manifest]:
    """Return the variables about proxies."""
    if proxy is None:
        return []
    asked = [part.strip() for part in (proxy.no_proxy or "").split(",") if part.strip()]
    direct = (
        list(dict.fromkeys((*asked, *IN_CLUSTER)))
        if proxy.http_proxy or proxy.https_proxy
        else asked
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

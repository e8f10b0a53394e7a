"""Proxy: how the containers reach the outside."""

from hooks.kernel.api.model import Model


class Proxy(Model):
    """How the containers reach the outside."""

    http_proxy: str | None = None
    """URL of the proxy for HTTP."""
    https_proxy: str | None = None
    """URL of the proxy for HTTPS."""
    no_proxy: str | None = None
    """Comma-separated hosts, domains and networks to reach without the proxy. Names within the cluster are added."""
    cert_config_map: str | None = None
    """Name of a ConfigMap with certificates (`*.crt`, `*.pem`) that the containers are to trust."""

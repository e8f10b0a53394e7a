"""Endpoint: the addresses of the model, from the observed Service, Ingress and routes."""

from ipaddress import AddressValueError, IPv6Address
from urllib.parse import urlsplit

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, spec, status, text, texts
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context


def cluster(ctx: Context) -> str:
    """Return the address within the cluster, ``host:port`` or KServe's URL; empty without one."""
    if ctx.nim.kserve:
        return _kserve(ctx)[0]
    service = ctx.child(kinds.SERVICE, naming.service(ctx.nim))
    if service is None:
        return ""
    address = text(spec(service).get("clusterIP"))
    port = ctx.nim.spec.expose.service.port
    if address == "None":
        # A headless Service has no address of its own, but a name.
        return f"{naming.service(ctx.nim)}.{ctx.nim.namespace}.svc:{port}"
    return f"{_bracketed(address)}:{port}" if address else ""


def to_ask(ctx: Context) -> str:
    """Return the address within the cluster if it is a Service of the namespace, else nothing.

    Whoever may write an InferenceService's status could set any URL, and let the hooks call it.
    """
    address = cluster(ctx)
    if not ctx.nim.kserve:
        return address
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    _, *within = host.split(".")
    return address if within[:2] == [ctx.nim.namespace, "svc"] else ""


def external(ctx: Context) -> str:
    """Return the address outside the cluster; empty without one.

    It is KServe's URL, else the first of the Ingress' host or address, the Gateway's host name, and
    the load balancer's address.
    """
    if ctx.nim.kserve:
        within, outside = _kserve(ctx)
        # To a model that is local to the cluster, KServe gives one URL for both.
        return "" if outside == within else outside
    return _ingress(ctx) or _route(ctx) or _load_balancer(ctx)


def _kserve(ctx: Context) -> tuple[str, str]:
    """Return KServe's URLs of the model within the cluster and outside of it."""
    found = status(ctx.workload or {})
    within, outside = text(mapping(found.get("address")).get("url")), text(found.get("url"))
    return prose.one_line(within), prose.one_line(outside)


def _ingress(ctx: Context) -> str:
    ingress = ctx.child(kinds.INGRESS, naming.workload(ctx.nim))
    if ingress is None:
        return ""
    for rule in mappings(spec(ingress).get("rules")):
        paths = mappings(mapping(rule.get("http")).get("paths"))
        host = text(rule.get("host")) or "*"
        if not host.startswith("*") and any(
            _backend(path) in (naming.service(ctx.nim), naming.alias(ctx.nim)) for path in paths
        ):
            return host
    return _bracketed(_balanced(ingress))


def _backend(path: Manifest) -> str:
    return text(mapping(mapping(path.get("backend")).get("service")).get("name"))


def _route(ctx: Context) -> str:
    for kind in (kinds.HTTP_ROUTE, kinds.GRPC_ROUTE):
        route = ctx.child(kind, naming.workload(ctx.nim)) or {}
        for host in texts(spec(route).get("hostnames")):
            return host
    return ""


def _load_balancer(ctx: Context) -> str:
    service = ctx.child(kinds.SERVICE, naming.service(ctx.nim)) or {}
    address = _balanced(service)
    return f"{_bracketed(address)}:{ctx.nim.spec.expose.service.port}" if address else ""


def _balanced(balanced: Manifest) -> str:
    for point in mappings(mapping(status(balanced).get("loadBalancer")).get("ingress")):
        if address := text(point.get("hostname")) or text(point.get("ip")):
            return address
    return ""


def _bracketed(address: str) -> str:
    if ":" not in address:
        return address
    try:
        return f"[{IPv6Address(address)}]"
    except AddressValueError:
        return address

"""Ingress: makes the model reachable from outside the cluster."""

from collections.abc import Iterator

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, text
from hooks.nimservice import backend, kinds, naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.api.router import RouterIngress
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest | Finding]:
    """Yield the router's Ingress, or the deprecated one with a full spec."""
    nim, expose = ctx.nim, ctx.nim.spec.expose
    if nim.kserve or not (expose.ingress.enabled or expose.router.ingress):
        return
    router = None if expose.ingress.enabled else expose.router.ingress
    given = expose.router.annotations if router else expose.ingress.annotations
    yield {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": naming.metadata(
            nim,
            naming.workload(nim),
            labels=naming.labels(nim),
            annotations={**given, **nim.spec.annotations, **security.annotations(ctx)},
        ),
        "spec": _routed(nim, router) if router else expose.ingress.spec,
    }
    if router is None:
        yield from _astray(ctx)


def _astray(ctx: Context) -> Iterator[Finding]:
    """Yield the backends of the deprecated Ingress that lead nowhere."""
    nim = ctx.nim
    names, numbers = zip(*naming.ports(nim).items(), strict=True)
    for path, led in backend.of(nim):
        name, port = text(led.get("name")), mapping(led.get("port"))
        asked = port.get("name") or port.get("number")
        if name not in (naming.service(nim), naming.alias(nim)):
            if name and ctx.related_named(kinds.SERVICE, name) is None:
                yield Finding(
                    "IngressBackendNotFound",
                    f"Service {name} does not exist",
                    f"use Service {naming.service(nim)}, which leads to the model",
                    path=path,
                )
        elif asked and asked not in (*names, *numbers):
            yield Finding(
                "IngressBackendNotFound",
                f"Service {name} has no port {asked}",
                f"use port {names[0]} or {numbers[0]}",
                path=path,
            )


def _routed(nim: NIMService, router: RouterIngress) -> Manifest:
    host = naming.host(nim)
    backend = {"service": {"name": naming.service(nim), "port": {"name": naming.API_PORT}}}
    return {
        "ingressClassName": router.ingress_class,
        "rules": [
            {
                "host": host,
                "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
            }
        ],
        "tls": [{"hosts": [host] if host else [], "secretName": router.tls_secret_name}]
        if router.tls_secret_name
        else [],
    }

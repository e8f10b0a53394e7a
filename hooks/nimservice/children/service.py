"""Service: the address of the model within the cluster, and a second one by a given name.

NVIDIA's operator ignores ``expose.service.name``, and published charts give one name to many
NIMServices and call each by its own. So the Service of the NIMService's own name always exists.
"""

from collections.abc import Iterator

from hooks.kernel import dnsname, ownership, prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds, naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest | Finding]:
    """Yield the Service, and the second one where its name is free; KServe makes its own."""
    nim, service = ctx.nim, ctx.nim.spec.expose.service
    if nim.kserve:
        return
    own = {**nim.spec.annotations, **security.annotations(ctx)}
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": naming.metadata(
            nim,
            naming.service(nim),
            labels={**service.labels, **naming.labels(nim)},
            annotations={**service.annotations, **own},
        ),
        "spec": {"type": service.type or "ClusterIP", **_spec(ctx)},
    }
    alias = naming.alias(nim)
    if alias is None:
        yield from _unusable(nim)
        return
    if taken := _taken(ctx, alias):
        yield taken
        return
    # The label app.kubernetes.io/name differs, so that the ServiceMonitor scrapes one of the two.
    # Type, labels and annotations of spec.expose.service would claim an address, a node port or a
    # host name a second time.
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": naming.metadata(
            nim,
            alias,
            labels={**naming.labels(nim), "app.kubernetes.io/name": alias},
            annotations=own,
        ),
        "spec": {"type": "ClusterIP", **_spec(ctx)},
    }


def _spec(ctx: Context) -> Manifest:
    return {
        "selector": naming.selector(ctx.nim),
        "ports": [
            {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
            for name, port in naming.ports(ctx.nim).items()
        ],
    }


def _unusable(nim: NIMService) -> Iterator[Finding]:
    """Yield a finding if no Service can have the given name."""
    given = nim.spec.expose.service.name
    if given and not dnsname.is_label(given):
        yield Finding(
            "ChildNotObserved",
            f"{prose.one_line(given)[:63]} is no name of a Service. "
            f"Clients reach the model by Service {naming.service(nim)}",
            "use at most 63 lower-case letters, digits and '-', or remove it",
            path="spec.expose.service.name",
        )


def _taken(ctx: Context, alias: str) -> Finding | None:
    """Return who has the name of the second Service, or None if the name is free.

    The name of another NIMService is that NIMService's, even while its Service does not exist yet.
    """
    found = ownership.finding(ctx, kinds.SERVICE, alias, unowned=True)
    if found is None and ctx.related_named(kinds.NIM_SERVICE, alias) is not None:
        message, subject = f"Service {alias} belongs to NIMService {alias}", f"Service/{alias}"
        found = Finding("ChildNotObserved", message, subject=subject)
    if found is None:
        return None
    return found._replace(
        message=f"{found.message}. Clients reach the model by Service {naming.service(ctx.nim)}",
        remedy="choose another spec.expose.service.name, or remove it",
    )

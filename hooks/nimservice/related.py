"""Related: the objects that a NIMService reads besides its children."""

from collections.abc import Iterable, Iterator
from typing import Any

from hooks.kernel.document import JSON
from hooks.kernel.kind import Kind
from hooks.nimservice import backend, kinds, naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.context import Context
from hooks.nimservice.device import claim


def rules(ctx: Context) -> Iterable[JSON]:
    """Yield the rules of the customize hook; they depend on the spec alone."""
    nim, cache, domain = ctx.nim, ctx.nim.spec.storage.nim_cache.name, claim.named_domain(ctx.nim)
    if cache:
        yield _rule(nim, kinds.NIM_CACHE, names=[cache])
    yield from (_rule(nim, kind, names=[name]) for kind, name in _shared_names(nim))
    if nim.kserve:  # in Standard mode, how far KServe is stands in its Deployment alone
        yield _rule(nim, kinds.DEPLOYMENT, names=[naming.predictor(nim)])
    if ctx.settings.pod_causes:
        # By no label that another NIMService's pods can have, or theirs would fill this request.
        yield _rule(nim, kinds.POD, labelSelector={"matchLabels": naming.pods(nim)})
    # A kind that the cluster lacks fails the whole sync, so optional kinds are requested only if
    # they are managed.
    if ctx.manages(kinds.RESOURCE_CLAIM_TEMPLATE) and (
        nim.spec.dra_resources or claim.compute_domain(nim)
    ):
        yield _rule(nim, kinds.RESOURCE_CLAIM)
    if ctx.manages(kinds.COMPUTE_DOMAIN) and domain:
        yield _rule(nim, kinds.COMPUTE_DOMAIN, names=[domain])


def _rule(nim: NIMService, kind: Kind, **selection: Any) -> JSON:
    return {
        "apiVersion": kind.api_version,
        "resource": kind.plural,
        "namespace": nim.namespace,
        **selection,
    }


def _shared_names(nim: NIMService) -> Iterator[tuple[Kind, str]]:
    """Yield the objects whose names others can have: given names, and those of pickers.

    The ServiceAccount is among them, because the rights of a foreign one are unknown. No others:
    Metacontroller compares each event of a requested kind with every NIMService that requests the
    kind.
    """
    yield kinds.SERVICE_ACCOUNT, naming.service_account(nim)
    if nim.spec.storage.pvc.create and nim.spec.storage.pvc.name:
        yield kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(nim)
    yield from ((kinds.SERVICE, name) for name in backend.of_others(nim))
    if (alias := naming.alias(nim)) and not nim.kserve:
        yield kinds.SERVICE, alias
        yield kinds.NIM_SERVICE, alias
    if nim.spec.expose.router.epp_config is not None:
        yield from ((kind, naming.endpoint_picker(nim)) for kind in _OF_A_PICKER)
    if nim.name.endswith(naming.PICKER):
        yield from ((kind, nim.name) for kind in _OF_A_PICKER if kind != kinds.SERVICE_ACCOUNT)


_OF_A_PICKER = (kinds.SERVICE_ACCOUNT, kinds.SERVICE, kinds.DEPLOYMENT)

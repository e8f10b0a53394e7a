"""Related: the objects that a NIMCache reads besides its children.

The rules depend on the spec and on one part of the status: Nodes are asked for until a choice has
been made. A choice that was made is not made again without an edit of the spec, and an edit asks
anew.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from hooks.kernel.document import JSON
from hooks.kernel.kind import Kind
from hooks.kernel.protocol import HookRequest
from hooks.nimcache import inputs, kinds, naming
from hooks.nimcache.context import GPU_PRODUCT, Context


def rules(ctx: Context) -> Iterable[JSON]:
    """Yield the rules of the customize hook."""
    cache = ctx.cache
    # One that exists is used as it is, whoever owns it; one that is to be created may exist
    # already.
    yield _rule(ctx.namespace, kinds.PERSISTENT_VOLUME_CLAIM, names=[naming.claim(cache)])
    # Under server-side apply a Job of that name that nobody owns would be taken over.
    yield _rule(ctx.namespace, kinds.JOB, names=[naming.download(cache), naming.probe(cache)])
    if ctx.settings.openshift:
        names = [naming.service_account(cache)]
        yield _rule(ctx.namespace, kinds.SERVICE_ACCOUNT, names=names)
    # Several NIMCaches may name one claim.
    store = {naming.STORE: naming.store(cache)}
    yield _rule(ctx.namespace, kinds.JOB, labelSelector={"matchLabels": store})
    labels = {naming.NIM_CACHE_LABEL: cache.name}
    yield _rule(ctx.namespace, kinds.POD, labelSelector={"matchLabels": labels})
    if ctx.settings.gpu_discovery and _looks_for_gpus(ctx):
        selector = {"matchExpressions": [{"key": GPU_PRODUCT, "operator": "Exists"}]}
        yield {
            "apiVersion": kinds.NODE.api_version,
            "resource": kinds.NODE.plural,
            "labelSelector": selector,
        }


def users(request: HookRequest) -> Iterator[JSON]:
    """Yield the rule for those that may use a NIMCache that is being deleted, whatever its spec."""
    metadata = request.parent["metadata"]
    yield _rule(str(metadata.get("namespace") or "default"), kinds.NIM_SERVICE)


def _looks_for_gpus(ctx: Context) -> bool:
    cache, settings = ctx.cache, ctx.settings
    pinned = (cache.spec.node_selector or {}).get(GPU_PRODUCT) or settings.gpu_products
    return inputs.needs_gpus(cache) and not pinned and ctx.status.get("inputs") != inputs.of(ctx)


def _rule(namespace: str, kind: Kind, **selection: Any) -> JSON:
    return {
        "apiVersion": kind.api_version,
        "resource": kind.plural,
        "namespace": namespace,
        **selection,
    }

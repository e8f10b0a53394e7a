"""Observing: what a sync of a NIMCache knows, for tests of pure functions."""

from collections.abc import Iterable
from typing import Any

from hooks.kernel.document import JSON
from hooks.kernel.protocol import HookRequest
from hooks.nimcache import children
from hooks.nimcache.api import NIMCache
from hooks.nimcache.context import Context
from hooks.resources import Settings
from tests.nimcache import cluster
from tests.situations import stored


def parent(*, status: JSON | None = None, generation: int = 1, **spec: Any) -> JSON:
    """Return a NIMCache as stored; the arguments are those of ``cluster.nimcache``."""
    made = cluster.nimcache(**spec)
    made["metadata"] |= {
        "uid": "c0ffee00-0000-4000-8000-000000000001",
        "resourceVersion": "4711",
        "generation": generation,
        "creationTimestamp": stored.EARLIER,
    }
    return made if status is None else {**made, "status": status}


def request(
    cache: JSON, observed: Iterable[JSON] = (), related: Iterable[JSON] = (), **options: Any
) -> HookRequest:
    """Return what Metacontroller sends about a NIMCache."""
    return stored.request(cache, observed, related, **options)


def context(
    observed: Iterable[JSON] = (),
    related: Iterable[JSON] = (),
    *,
    settings: Settings | None = None,
    cache: JSON | None = None,
    **spec: Any,
) -> Context:
    """Return what a sync knows; ``spec`` is what ``parent`` takes."""
    asked = request(cache or parent(**spec), observed, related)
    return Context(
        NIMCache.parse(asked.parent), asked, settings or Settings(), stored.NOW, children.plan
    )


def claim(cache: JSON, **metadata: Any) -> JSON:
    """Return the claim of a NIMCache, as it was made for it."""
    made = next(
        each
        for each in children.plan(context(cache=cache)).children
        if each["kind"] == "PersistentVolumeClaim"
    )
    observed = stored.applied(made, cache)
    return {**observed, "metadata": {**observed["metadata"], **metadata}}

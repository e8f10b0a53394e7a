"""Inputs: what decides which profiles are downloaded, and a hash of it.

The hash stands on the download and in the status: as long as it is the same, what was chosen once
holds. Credentials are no part of it, and neither is where the pods run, but for a GPU that the node
selector names.
"""

import hashlib
from typing import Any

from hooks.kernel.values import canonical
from hooks.nimcache.api import NIMCache
from hooks.nimcache.api.source import ALL
from hooks.nimcache.context import GPU_PRODUCT, Context

_CREDENTIALS = ("authSecret", "pullSecret")


def of(ctx: Context) -> str:
    """Return a short hash of what decides.

    It must not change between releases: each Ready cache remembers it.
    """
    source = ctx.cache.spec.source
    decisive: dict[str, Any] = {
        kind: {
            key: value
            for key, value in given.model_dump(by_alias=True).items()
            if key not in _CREDENTIALS
        }
        for kind, given in (
            ("ngc", source.ngc),
            ("hf", source.hf),
            ("dataStore", source.data_store),
        )
        if given is not None
    }
    if needs_gpus(ctx.cache):
        decisive["gpu"] = (ctx.cache.spec.node_selector or {}).get(GPU_PRODUCT)
    return hashlib.sha256(canonical(_filled({**decisive, "layout": ctx.layout}))).hexdigest()[:16]


def chooses(cache: NIMCache) -> bool:
    """Whether profiles are chosen by filters."""
    ngc = cache.spec.source.ngc
    return ngc is not None and not ngc.model_endpoint and not cache.spec.source.filter.profiles


def takes_all(cache: NIMCache) -> bool:
    """Whether every profile is asked for."""
    return ALL in cache.spec.source.filter.profiles


def needs_gpus(cache: NIMCache) -> bool:
    """Whether the choice depends on the GPUs of the cluster."""
    return chooses(cache) and not cache.spec.source.filter.gpus


def _filled(value: Any) -> Any:
    """Return a value without what is empty.

    The reference operator's own writes add empty fields.
    """
    if isinstance(value, dict):
        kept = {key: _filled(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    return [_filled(item) for item in value] if isinstance(value, list) else value

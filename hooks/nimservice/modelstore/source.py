"""Source: the model store by ``spec.storage`` and the NIMCache of this sync."""

from pydantic import ValidationError

from hooks.kernel import prose, strict
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import text
from hooks.nimcache.api.nimcache import NIMCache
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore.store import MOUNT_PATH, Blocked, Layout, ModelStore, is_count
from hooks.nimservice.naming import claim

LAYOUT_ANNOTATION = "apps.nvidia.com/model-layout"
"""Key in ``spec.annotations`` for the layout of an image without a NIMCache."""

_LONGEST = 600
"""Bytes of a NIMCache's own words. A cause with its last words and its remedy has some 500."""


def now(nim: NIMService, cache: Manifest | None) -> ModelStore | Blocked:
    """Return the model store of a workload made now, or why there is none.

    Args:
        nim: the NIMService.
        cache: the observed NIMCache of its name, or None.
    """
    storage = nim.spec.storage
    if storage.nim_cache.name:
        return _from_cache(nim, storage.nim_cache.name, cache)
    layout: Layout = (
        "native" if nim.spec.annotations.get(LAYOUT_ANNOTATION) == "native" else "legacy"
    )
    if storage.pvc.create or storage.pvc.name:
        return ModelStore(claim=claim(nim), sub_path=storage.pvc.sub_path or None, layout=layout)
    return ModelStore(layout=layout)


def _from_cache(nim: NIMService, name: str, manifest: Manifest | None) -> ModelStore | Blocked:
    if manifest is None:
        return Blocked(
            Finding(
                "NIMCacheNotFound",
                f"NIMCache {name} does not exist",
                f"create it in namespace {nim.namespace}",
            )
        )
    try:
        cache = NIMCache.read(strict.shallow(manifest))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        return Blocked(
            Finding("NIMCacheNotReady", f"NIMCache {name} is invalid at {where}", "correct it")
        )
    if cache.status.state == "Failed":
        said = _cause(cache)
        message = f"NIMCache {name} failed{prose.quoted(said)}"
        return Blocked(Finding("NIMCacheFailed", message, _repair(cache, said)), failed=True)
    claim_name = cache.spec.storage.pvc.name or cache.status.pvc
    if cache.status.state != "Ready":
        state = prose.of(cache.status.state or "", 64) or "empty"
        return Blocked(
            Finding(
                "NIMCacheNotReady",
                f"NIMCache {name} is not ready (state {state}){prose.quoted(_waits_for(cache))}",
                _look(nim, name),
            )
        )
    if not cache.status.pvc or not claim_name:
        return Blocked(
            Finding(
                "NIMCacheNotReady",
                f"NIMCache {name} is Ready, but names no claim in status.pvc",
                _look(nim, name),
            )
        )
    return _with_profile(nim, cache, claim_name)


def _with_profile(nim: NIMService, cache: NIMCache, claim_name: str) -> ModelStore | Blocked:
    source, name = cache.spec.source, cache.metadata.name
    cached = {each.name: each.config for each in cache.status.profiles if each.name}
    profile = nim.spec.storage.nim_cache.profile or (
        next(iter(cached)) if len(cached) == 1 else None
    )
    if profile and cached and profile not in cached:
        listed = ", ".join(sorted(cached)[:3]) + (" …" if len(cached) > 3 else "")
        return Blocked(
            Finding(
                "UnknownProfile",
                f"NIMCache {name} has no profile {profile}",
                f"choose one of {listed}",
                path="spec.storage.nimCache.profile",
            ),
            failed=True,
        )
    optimized = source.ngc is not None and source.ngc.model_endpoint is None
    gpus = None
    if profile in cached and optimized:
        gpus = (
            str(nim.multi_node.tensor)
            if nim.multi_node
            else cached[profile].get("tensorParallelism") or cached[profile].get("tp") or "1"
        )
        if not is_count(gpus):
            return Blocked(
                Finding(
                    "UnknownProfile",
                    f"Profile {profile} of NIMCache {name} needs {gpus[:32]!r} GPUs, not a number",
                    "choose another profile",
                ),
                failed=True,
            )
    hf = source.hf
    return ModelStore(
        claim=claim_name,
        sub_path=cache.spec.storage.pvc.sub_path or None,
        layout="native" if cache.status.type == "native" else "legacy",
        profile=profile,
        nim_cache=name,
        model_name=MOUNT_PATH
        if hf is not None or (source.ngc is not None and source.ngc.model_endpoint is not None)
        else None,
        model_path=f"hf://{hf.namespace}/{hf.model_name}" if hf and hf.model_name else None,
        hugging_face=hf is not None or source.data_store is not None,
        gpus=gpus,
    )


def _look(nim: NIMService, name: str) -> str:
    return f"see kubectl describe nimcache {name} -n {nim.namespace}"


def _repair(cache: NIMCache, said: str) -> str:
    """Return the remedy for a failed cache; these hooks put theirs into the quoted message."""
    if said and any(each.get("type") == "Ready" for each in cache.status.conditions):
        return ""
    look = "" if said else "see its Job for the cause, and "
    return f"{look}repair it or create it again"


def _waits_for(cache: NIMCache) -> str:
    """Return the message of the cache's condition Ready; NVIDIA's operator writes none."""
    for each in cache.status.conditions:
        if each.get("type") == "Ready" and each.get("status") == "False":
            return prose.of(text(each.get("message")), _LONGEST)
    return ""


def _cause(cache: NIMCache) -> str:
    """Return the message of the cache's condition about its failure, or an empty text (Q22)."""
    wrong = {
        ("NIM_CACHE_JOB_COMPLETED", "False"),
        ("NIM_CACHE_RECONCILE_FAILED", "True"),
        ("Failed", "True"),
    }
    for each in cache.status.conditions:
        message = text(each.get("message"))
        if message and (text(each.get("type")), text(each.get("status"))) in wrong:
            return prose.of(message, _LONGEST)
    return ""

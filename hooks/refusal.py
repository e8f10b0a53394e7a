"""Refusal: what the API's schema lets through and the hooks cannot build, each with its path and remedy."""

from pydantic import ValidationError

from hooks.api.nimservice import NIMService
from hooks.finding import Finding
from hooks.quantity import InvalidQuantity, canonical

REASON = "InvalidSpec"


def of_types(error: ValidationError) -> Finding:
    """Return the finding for a NIMService whose fields have the wrong types or values."""
    first = error.errors(include_url=False, include_input=False)[0]
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).removeprefix(".")
    return Finding(REASON, f"{path}: {first['msg'][0].lower()}{first['msg'][1:]}: correct it")


def of(nim: NIMService) -> Finding | None:
    """Return why a NIMService cannot be built, or None where it can."""
    problem = _storage(nim) or _quantities(nim)
    return Finding(REASON, problem) if problem else None


def _storage(nim: NIMService) -> str | None:
    storage = nim.spec.storage
    if storage.nim_cache.name:
        return None
    if storage.nim_cache.profile:
        return "spec.storage.nimCache.name: is required with a profile: name the NIMCache"
    if storage.pvc.create:
        return None if storage.pvc.size else "spec.storage.pvc.size: is required to create the claim: set it, for example to 50Gi"
    if storage.pvc.name or storage.empty_dir is not None or storage.host_path:
        return None
    if storage.pvc.defined:
        return "spec.storage.pvc.name: is required unless create is true: name a claim or set create"
    return "spec.storage: one of nimCache, pvc, emptyDir and hostPath is required"


def _quantities(nim: NIMService) -> str | None:
    spec, storage = nim.spec, nim.spec.storage
    amounts = {
        "storage.pvc.size": storage.pvc.size,
        "storage.sharedMemorySizeLimit": storage.shared_memory_size_limit,
        "storage.emptyDir.sizeLimit": storage.empty_dir.size_limit if storage.empty_dir else None,
    }
    for part in ("requests", "limits"):
        amounts |= {f"resources.{part}[{name}]": amount for name, amount in ((spec.resources or {}).get(part) or {}).items()}
    for path, amount in amounts.items():
        try:
            canonical(amount or 0)
        except InvalidQuantity as error:
            return f"spec.{path}: {error}: correct it"
    return None

"""Sharing: lets NIMCaches with the same claim download one after the other."""

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import labels, mapping, mappings, name, text
from hooks.nimcache import kinds, naming
from hooks.nimcache.context import Context
from hooks.nimcache.job import observed

_APART = "give each NIMCache its own claim or spec.storage.pvc.subPath"


def waits(ctx: Context) -> Finding | None:
    """Return the download of another NIMCache that has to end before this one starts, or None."""
    return _finding(ctx, _others(ctx), "This one follows")


def yields(ctx: Context, job: Manifest) -> Finding | None:
    """Return the older download to which an existing one gives way, or None.

    Two downloads of the same moment do not see each other. The older one stays.
    """
    older = [each for each in _others(ctx) if _age(each) < _age(job)]
    return _finding(ctx, older, "This one follows")


def warning(ctx: Context) -> Finding | None:
    """Return a finding if sharing the claim may spoil or delete the model, or None."""
    job = ctx.download
    if job is not None and not observed.finished(job) and (others := _others(ctx)):
        return _finding(ctx, others, "Both write to it at once")
    owner = _controller(ctx.claim or {})
    if owner.get("kind") != kinds.NIM_CACHE.kind or ctx.cache.spec.storage.pvc.create:
        return None
    message = (
        f"Claim {naming.claim(ctx.cache)} belongs to NIMCache {text(owner.get('name'))[:253]}, and "
        "is deleted with it"
    )
    return Finding("ClaimShared", message, "create the claim without a NIMCache to share it")


def _others(ctx: Context) -> list[Manifest]:
    """Return the unfinished downloads of others into the same folder, the oldest first."""
    own, store = naming.download(ctx.cache), naming.store(ctx.cache)
    found = [
        job
        for job in ctx.related(kinds.JOB).values()
        if name(job) != own
        and labels(job).get(naming.STORE) == store
        and not observed.finished(job)
    ]
    return sorted(found, key=_age)


def _finding(ctx: Context, jobs: list[Manifest], what: str) -> Finding | None:
    if not jobs:
        return None
    other = text(_controller(jobs[0]).get("name"))[:253]
    whose = f"NIMCache {other}" if other else f"Job {name(jobs[0])[:253]}"
    message = f"{whose} is downloading into claim {naming.claim(ctx.cache)}. {what}"
    return Finding("ClaimShared", message, _APART)


def _age(job: Manifest) -> tuple[str, str]:
    metadata = mapping(job.get("metadata"))
    return text(metadata.get("creationTimestamp")), text(metadata.get("uid"))


def _controller(manifest: Manifest) -> Manifest:
    owners = mappings(mapping(manifest.get("metadata")).get("ownerReferences"))
    return next((each for each in owners if each.get("controller") is True), {})

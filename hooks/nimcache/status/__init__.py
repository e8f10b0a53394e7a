"""Status: what is observed of a NIMCache, and what it has to remember."""

from collections.abc import Iterator

from hooks.kernel import condition, quantity
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest, without_none
from hooks.kernel.observed import text
from hooks.kernel.verdict import Verdict
from hooks.nimcache import inputs, kinds, life, naming
from hooks.nimcache.context import Context
from hooks.nimcache.life import Step
from hooks.nimcache.status import kept

_UNKNOWING = (Step.PROBING, Step.PROBE_FAILED, Step.UNDECIDED)
"""The steps at which nothing is chosen for the spec as it is."""

_MEMORY = ("type", "pvc", "claimUID", "inputs", "profiles")


def observe(ctx: Context, said: Verdict) -> Manifest:
    """Return the status for what the cluster has now, and what is to be said about it."""
    made = (
        *condition.said(said, (*ctx.plan.findings, *_warnings(ctx))),
        *kept.conditions(ctx, said),
    )
    status: Manifest = without_none(
        {
            "state": said.state,
            **_memory(ctx),
            "conditions": condition.timed(made, ctx.status, ctx.generation, ctx.now),
        }
    )
    return status


def _memory(ctx: Context) -> Manifest:
    """Return what the status remembers.

    That is the choice, the spec that it is for, and the claim.
    """
    stage = life.of(ctx)
    before = {key: value for key in _MEMORY if (value := ctx.status.get(key)) is not None}
    if ctx.cache.metadata.deletion_timestamp:
        return before
    chosen = stage.choice
    if chosen is None and stage.step in _UNKNOWING:
        return {}
    if chosen is None:
        # A choice stays known while its claim or a Job is waited for; the claim that is lost does
        # not.
        return {key: value for key, value in before.items() if key not in ("pvc", "claimUID")}
    memory: Manifest = {
        "type": chosen.type or None,
        "profiles": list(chosen.profiles) or None,
        "inputs": _inputs(ctx),
    }
    if stage.step is Step.READY:
        memory |= {"pvc": naming.claim(ctx.cache), "claimUID": ctx.claim_uid}
    return memory


def _inputs(ctx: Context) -> str:
    """Return the hash of what the choice was made for.

    It is that of the download, else of the status, else of the present spec.
    """
    job = ctx.download
    noted = life.noted_inputs(job) if job is not None else ""
    ready = life.of(ctx).step is Step.READY
    return noted or (text(ctx.status.get("inputs")) if ready else "") or inputs.of(ctx)


def _warnings(ctx: Context) -> Iterator[Finding]:
    """Yield what is not as the spec asks, although the cache can be used or will be."""
    if ctx.cache.metadata.deletion_timestamp:
        return
    if life.of(ctx).step is Step.READY and _inputs(ctx) != inputs.of(ctx):
        yield Finding(
            "NIMCacheOutdated",
            "The claim holds what a former spec asked for",
            "create another NIMCache to download what this one asks for now",
        )
    claim = ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(ctx.cache))
    wanted = ctx.cache.spec.storage.pvc.size
    asked_before = ctx.status.get("observedGeneration") == ctx.generation
    if claim is None or not wanted or not asked_before:
        return
    has = ctx.claim_size
    if has and quantity.value(has) < quantity.value(wanted):
        yield Finding(
            "ClaimNotGrown",
            f"Claim {naming.claim(ctx.cache)} still asks for {has}, and {wanted} is wanted",
            "use a StorageClass with allowVolumeExpansion; kubectl describe nimcache "
            f"{ctx.cache.name} -n {ctx.namespace} has the API server's answer",
        )

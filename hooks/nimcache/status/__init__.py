"""Status: reports what is observed of a NIMCache, and remembers its choice."""

from collections.abc import Iterator

from hooks.kernel import condition, quantity
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest, without_none
from hooks.kernel.observed import text
from hooks.kernel.verdict import Verdict
from hooks.nimcache import inputs, kinds, life, naming, sharing
from hooks.nimcache.context import Context
from hooks.nimcache.stage import Step
from hooks.nimcache.status import kept

_UNKNOWING = (Step.PROBING, Step.PROBE_FAILED, Step.UNDECIDED)
"""The steps without a choice for the present spec."""

_MEMORY = ("type", "pvc", "claimUID", "inputs", "profiles")


def observe(ctx: Context, said: Verdict) -> Manifest:
    """Return the status: the verdict, the memory and the conditions."""
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
    """Return what the status remembers: the choice, a hash of its spec, and the claim."""
    stage = life.of(ctx)
    before = {key: value for key in _MEMORY if (value := ctx.status.get(key)) is not None}
    if ctx.cache.metadata.deletion_timestamp or stage.step is Step.CLAIM_BROKEN:
        return before
    chosen = stage.choice
    if chosen is None and stage.step in _UNKNOWING:
        return {}
    if chosen is None:
        # While it waits for a claim or a Job, it keeps the choice and forgets the lost claim.
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
    """Return the hash of the spec that the choice was made for.

    The download has it, else the status of a Ready NIMCache, else it is that of the present spec.
    """
    job = ctx.download
    noted = life.noted_inputs(job) if job is not None else ""
    ready = life.of(ctx).step is Step.READY
    return noted or (text(ctx.status.get("inputs")) if ready else "") or inputs.of(ctx)


def _warnings(ctx: Context) -> Iterator[Finding]:
    """Yield what differs from the spec and does not stop the NIMCache."""
    if ctx.cache.metadata.deletion_timestamp:
        return
    if life.of(ctx).step is Step.READY and _inputs(ctx) != inputs.of(ctx):
        yield Finding(
            "NIMCacheOutdated",
            "The claim holds the model of a former spec",
            "create another NIMCache to download that of the present spec",
        )
    if shared := sharing.warning(ctx):
        yield shared
    claim = ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(ctx.cache))
    wanted = ctx.cache.spec.storage.pvc.size
    asked_before = ctx.status.get("observedGeneration") == ctx.generation
    if claim is None or not wanted or not asked_before:
        return
    has = ctx.claim_size
    if has and quantity.value(has) < quantity.value(wanted):
        yield Finding(
            "ClaimNotGrown",
            f"Claim {naming.claim(ctx.cache)} requests {has} instead of {wanted}",
            "use a StorageClass with allowVolumeExpansion, and see the API server's answer in "
            f"kubectl describe nimcache {ctx.cache.name} -n {ctx.namespace}",
        )

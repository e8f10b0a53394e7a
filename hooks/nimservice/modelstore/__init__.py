"""Model store: where a workload finds its model, and what a NIMCache adds to that.

A running workload keeps what it took from its NIMCache until ``spec.storage`` changes: pods restart by an edit of their
NIMService and by nothing else. What it took is remembered in ``status.modelStore``, beside a hash of the ``spec.storage`` it
was taken for.
"""

from dataclasses import dataclass, field, fields

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import recorded, running, source
from hooks.nimservice.modelstore.recorded import recall as recall
from hooks.nimservice.modelstore.recorded import storage_hash as storage_hash
from hooks.nimservice.modelstore.running import asks_for_devices as asks_for_devices
from hooks.nimservice.modelstore.store import GPU as GPU
from hooks.nimservice.modelstore.store import MOUNT_PATH as MOUNT_PATH
from hooks.nimservice.modelstore.store import VOLUME as VOLUME
from hooks.nimservice.modelstore.store import Blocked as Blocked
from hooks.nimservice.modelstore.store import ModelStore as ModelStore


@dataclass(frozen=True)
class Resolution:
    """The model store of a sync, or why there is none, and what is remarkable about it."""

    store: ModelStore | Blocked
    storage_hash: str
    findings: tuple[Finding, ...] = field(default=())


def resolve(
    nim: NIMService, cache: Manifest | None, status: Manifest, pod: Manifest | None
) -> Resolution:
    """Return the model store for a NIMService.

    Args:
        nim: the NIMService.
        cache: the NIMCache that it names, as observed.
        status: the status of the NIMService, which remembers what a running workload took.
        pod: the pod spec of the workload that exists, if one does.
    """
    wanted = storage_hash(nim)
    fresh = source.now(nim, cache)
    remembered = recorded.readable(status.get("modelStore") or {})
    if (
        pod is None
        or isinstance(fresh, Blocked)
        or fresh.nim_cache is None
        or remembered.get("storageHash", wanted) != wanted
    ):
        return Resolution(fresh, wanted)
    if "nimCache" not in remembered:
        return Resolution(
            fresh if running.serves(nim, pod, fresh) else Blocked(_replaced(nim, pod, fresh)),
            wanted,
        )
    taken = recall(remembered)
    if taken != fresh and running.serves(nim, pod, fresh) and not running.serves(nim, pod, taken):
        return Resolution(
            fresh, wanted
        )  # made anew a moment ago, and the status that is read is still the one before
    return Resolution(taken, wanted, () if taken == fresh else (_changed(taken, fresh),))


def remember(resolution: Resolution, status: Manifest) -> Manifest:
    """Return ``status.modelStore``: what a workload takes from its storage now, or took when its storage was last known."""
    if isinstance(resolution.store, Blocked):
        # Without a memory, the storage alone is remembered: an edit of it must be told from what was there before.
        return status.get("modelStore") or {"storageHash": resolution.storage_hash}
    return recorded.of(resolution.store, resolution.storage_hash)


def _replaced(nim: NIMService, pod: Manifest, fresh: ModelStore) -> Finding:
    (claim_name, sub_path), cache = running.mounted(pod), nim.spec.storage.nim_cache.name
    return _kept(
        f"NIMCache {cache}",
        f"{claim_name}/{sub_path or ''} → {fresh.claim}/{fresh.sub_path or ''}, layout {fresh.layout}",
    )


def _changed(taken: ModelStore, fresh: ModelStore) -> Finding:
    differing = [
        each.name
        for each in fields(ModelStore)
        if getattr(taken, each.name) != getattr(fresh, each.name)
    ]
    listed = ", ".join(
        f"{recorded.wire_name(name)} {_told(taken, name)} → {_told(fresh, name)}"
        for name in differing
    )
    return _kept(f"NIMCache {taken.nim_cache}", listed)


def _told(store: ModelStore, name: str) -> str:
    value = getattr(store, name)
    return (
        "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )


def _kept(cache: str, difference: str) -> Finding:
    return Finding(
        "NIMCacheChanged",
        f"{cache} has changed since the model started ({difference}): pods keep what they have until spec.storage is edited",
    )

"""Model store: where a workload finds its model.

A running workload keeps its model store until ``spec.storage`` changes, whatever becomes of the
NIMCache: only an edit of their NIMService restarts pods. ``status.modelStore`` records the model
store, beside a hash of the ``spec.storage`` that it came from.
"""

from dataclasses import dataclass, field, fields, replace

from hooks.kernel.finding import Finding, sentences
from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import recorded, running, source
from hooks.nimservice.modelstore.recorded import recall as recall
from hooks.nimservice.modelstore.running import asks_for_devices as asks_for_devices
from hooks.nimservice.modelstore.store import ENGINE_PATH as ENGINE_PATH
from hooks.nimservice.modelstore.store import GPU as GPU
from hooks.nimservice.modelstore.store import MOUNT_PATH as MOUNT_PATH
from hooks.nimservice.modelstore.store import VOLUME as VOLUME
from hooks.nimservice.modelstore.store import Blocked as Blocked
from hooks.nimservice.modelstore.store import ModelStore as ModelStore


@dataclass(frozen=True)
class Resolution:
    """The model store of a sync, or why there is none, and findings on it."""

    store: ModelStore | Blocked
    storage_hash: str
    findings: tuple[Finding, ...] = field(default=())


def resolve(
    nim: NIMService, cache: Manifest | None, status: Manifest, pod: Manifest | None
) -> Resolution:
    """Return the model store for a NIMService.

    Args:
        nim: the NIMService.
        cache: the observed NIMCache of its name, or None.
        status: the status of the NIMService, with the record of a running workload's model store.
        pod: the pod spec of the existing workload, or None.
    """
    wanted = nim.spec.storage.digest
    fresh = source.now(nim, cache)
    if pod is None or isinstance(fresh, Blocked) or fresh.nim_cache is None:
        return Resolution(fresh, wanted)
    remembered = recorded.of_status(status)
    if remembered.get("storageHash", wanted) != wanted:
        return Resolution(fresh, wanted)
    if "nimCache" not in remembered:
        return _without_record(nim, pod, fresh, wanted)
    taken = recall(remembered)
    if taken != fresh and running.serves(nim, pod, fresh) and not running.serves(nim, pod, taken):
        # The workload has just been made again, and the status is still the former one.
        return Resolution(fresh, wanted)
    return Resolution(taken, wanted, _differences(nim, taken, fresh))


def _without_record(nim: NIMService, pod: Manifest, fresh: ModelStore, wanted: str) -> Resolution:
    """Return the model store of a workload that another operator made, or that outlived its status.

    Its pods show what they took from the NIMCache. They keep it, and every other edit reaches them.
    """
    if running.serves(nim, pod, fresh):
        return Resolution(fresh, wanted)
    found = running.adopted(nim, pod, fresh)
    if found is None:
        return Resolution(Blocked(_replaced(nim, pod, fresh)), wanted)
    return Resolution(found, wanted, _differences(nim, found, fresh))


def _differences(nim: NIMService, taken: ModelStore, fresh: ModelStore) -> tuple[Finding, ...]:
    """Return what the NIMCache gives now in place of what the workload has taken.

    An adopted model store may differ because its maker chose otherwise, not because the NIMCache
    has changed. So of that one only the volume counts, and a profile that the spec names.
    """
    if taken.adopted:
        profile = fresh.profile if nim.spec.storage.nim_cache.profile else taken.profile
        fresh = replace(taken, claim=fresh.claim, sub_path=fresh.sub_path, profile=profile)
    return () if taken == fresh else (_changed(taken, fresh),)


def remember(resolution: Resolution, status: Manifest) -> Manifest:
    """Return ``status.modelStore``: the current model store, or the last known one."""
    if isinstance(resolution.store, Blocked):
        # Without a record, the hash alone is kept, so that a later edit of the storage shows.
        return recorded.of_status(status) or {"storageHash": resolution.storage_hash}
    return recorded.of(resolution.store, resolution.storage_hash)


def _replaced(nim: NIMService, pod: Manifest, fresh: ModelStore) -> Finding:
    (claim_name, sub_path), cache = running.mounted(pod), nim.spec.storage.nim_cache.name
    mounted, now = f"{claim_name}/{sub_path or ''}", f"{fresh.claim}/{fresh.sub_path or ''}"
    return _kept(f"NIMCache {cache}", f"{mounted} → {now}, layout {fresh.layout}")


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
    changed = f"{cache} has changed since the model started ({difference})"
    return Finding(
        "NIMCacheChanged",
        sentences(changed, "The pods keep the former model store"),
        "edit spec.storage to use the changed one",
    )

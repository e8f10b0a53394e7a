"""Volume: why the claim of the model has no volume."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, name, status, text
from hooks.kernel.pod import command
from hooks.kernel.pod.trouble import Explanation, Trouble
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked


def troubles(ctx: Context) -> Iterator[Trouble]:
    """Yield the trouble of the hooks' own claim; the scheduler reports on any other."""
    wanted = naming.claim(ctx.nim) if isinstance(ctx.store, Blocked) else ctx.store.claim
    claim = ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, wanted) if wanted else None
    if claim is None:
        return
    phase = status(claim).get("phase")
    if phase == "Lost":
        yield Trouble("PersistentVolumeClaimLost", lambda: _lost(claim), name=name(claim))
    if phase == "Pending":
        yield Trouble("PersistentVolumeClaimPending", lambda: _pending(claim), name=name(claim))


def _lost(claim: Manifest) -> Explanation:
    volume = text(mapping(claim.get("spec")).get("volumeName"))[:253]
    return Explanation(
        f"PersistentVolumeClaim {name(claim)} has lost its volume {volume}",
        "restore the volume, or delete the claim to start with an empty one",
    )


def _pending(claim: Manifest) -> Explanation:
    spec = mapping(claim.get("spec"))
    size = text(mapping(mapping(spec.get("resources")).get("requests")).get("storage"))[:32]
    storage_class = text(spec.get("storageClassName"))[:253]
    by = f"StorageClass {storage_class}" if storage_class else "the default StorageClass"
    return Explanation(
        f"PersistentVolumeClaim {name(claim)} waits for {size or 'a volume'} from {by}",
        f"check that the StorageClass exists, or see {command.describe(claim, 'pvc')}",
    )

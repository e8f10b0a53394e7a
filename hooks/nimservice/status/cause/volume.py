"""Volume: whether the claim that was made for the model has its volume."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, name, status, text
from hooks.kernel.pod import command
from hooks.kernel.pod.trouble import Trouble
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked


def troubles(ctx: Context) -> Iterator[Trouble]:
    """Yield what is wrong with the claim of the model; one that others made shows in the scheduler's words."""
    wanted = naming.claim(ctx.nim) if isinstance(ctx.store, Blocked) else ctx.store.claim
    claim = ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, wanted) if wanted else None
    if claim is None:
        return
    phase = status(claim).get("phase")
    if phase == "Lost":
        yield Trouble("PersistentVolumeClaimLost", lambda: _lost(claim), name=name(claim))
    if phase == "Pending":
        yield Trouble("PersistentVolumeClaimPending", lambda: _pending(claim), name=name(claim))


def _lost(claim: Manifest) -> str:
    volume = text(mapping(claim.get("spec")).get("volumeName"))[:253]
    return f"PersistentVolumeClaim {name(claim)} has lost its volume {volume}: restore the volume, or delete the claim to start with an empty one"


def _pending(claim: Manifest) -> str:
    spec = mapping(claim.get("spec"))
    size = text(mapping(mapping(spec.get("resources")).get("requests")).get("storage"))[:32]
    storage_class = text(spec.get("storageClassName"))[:253]
    by = f"StorageClass {storage_class}" if storage_class else "the default StorageClass"
    asked = f" {size}" if size else ""
    return f"PersistentVolumeClaim {name(claim)} waits for{asked} of {by}: check that it exists; {command.describe(claim, 'pvc')} tells more"

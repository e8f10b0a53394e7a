"""Volume: why the claim of the model has no volume, or why a node cannot mount it."""

from collections.abc import Iterator
from datetime import timedelta

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import (
    annotations,
    condition,
    deleted,
    mapping,
    mappings,
    moment,
    name,
    spec,
    status,
    text,
    texts,
)
from hooks.kernel.pod import command
from hooks.kernel.pod.trouble import Explanation, Trouble
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import Blocked

_PATIENCE = timedelta(seconds=30)
"""How long mounting a volume may take: some do not keep to their access mode, and mount it."""

_NODE = "volume.kubernetes.io/selected-node"
"""The annotation by which the scheduler asks for a volume on the node that it chose."""

_PROVISIONER = "volume.kubernetes.io/storage-provisioner"
"""The annotation by which Kubernetes asks the provisioner of an existing StorageClass."""


def troubles(ctx: Context) -> Iterator[Trouble]:
    """Yield the trouble of the hooks' own claim; the scheduler reports on any other."""
    wanted = naming.claim(ctx.nim) if isinstance(ctx.store, Blocked) else ctx.store.claim
    if wanted is None:
        return
    claim = ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, wanted)
    if _modes(ctx, wanted, claim) == ["ReadWriteOnce"]:
        yield from _on_another_node(ctx, wanted)
    if claim is None:
        return
    phase = status(claim).get("phase")
    if phase == "Lost":
        yield Trouble("PersistentVolumeClaimLost", lambda: _lost(claim), name=name(claim))
    if phase == "Pending":
        if node := text(annotations(claim).get(_NODE)):
            yield Trouble(
                "VolumeProvisioning", lambda: _provisioning(claim, node), name=name(claim)
            )
        else:
            yield Trouble("PersistentVolumeClaimPending", lambda: _pending(claim), name=name(claim))


def _modes(ctx: Context, wanted: str, claim: Manifest | None) -> list[str]:
    """Return the access modes of a claim that the hooks made, or a NIMCache; else nothing."""
    if claim is not None:
        return texts(spec(claim).get("accessModes"))
    cache = ctx.related_named(kinds.NIM_CACHE, ctx.nim.spec.storage.nim_cache.name) or {}
    pvc = mapping(mapping(spec(cache).get("storage")).get("pvc"))
    if status(cache).get("pvc") != wanted or not pvc.get("create"):
        return []
    return [text(pvc.get("volumeAccessMode")) or "ReadWriteOnce"]


def _on_another_node(ctx: Context, claim: str) -> Iterator[Trouble]:
    """Yield the trouble of pods whose node cannot mount a claim, as another node has it."""
    users = [each for each in ctx.pods if not deleted(each) and _mounts(each, claim)]
    waiting = [each for each in users if _waits_for_volume(ctx, each)]
    nodes = {node for each in users if (node := text(spec(each).get("nodeName")))}
    if waiting and len(nodes) > 1:
        first = min(map(name, waiting))
        yield Trouble(
            "VolumeOnAnotherNode",
            lambda: Explanation(
                f"One node at a time can mount PersistentVolumeClaim {claim} (ReadWriteOnce), and "
                f"pods on {prose.listed(node[:253] for node in nodes)} need it",
                "use a claim with the access mode ReadWriteMany, or keep the pods on one node by "
                "spec.affinity",
            ),
            pods=len(waiting),
            name=first,
        )


def _mounts(pod: Manifest, claim: str) -> bool:
    return any(
        mapping(each.get("persistentVolumeClaim")).get("claimName") == claim
        for each in mappings(spec(pod).get("volumes"))
    )


def _waits_for_volume(ctx: Context, pod: Manifest) -> bool:
    """Whether a pod has waited for its volumes: they come before the sandbox of its containers."""
    scheduled = condition(pod, "PodScheduled")
    since = moment(scheduled.get("lastTransitionTime"))
    return (
        scheduled.get("status") == "True"
        and condition(pod, "PodReadyToStartContainers").get("status") == "False"
        and since is not None
        and ctx.passed(since, _PATIENCE)
    )


def _lost(claim: Manifest) -> Explanation:
    volume = text(mapping(claim.get("spec")).get("volumeName"))[:253]
    return Explanation(
        f"PersistentVolumeClaim {name(claim)} has lost its volume {volume}",
        "restore the volume, or delete the claim to start with an empty one",
    )


def _pending(claim: Manifest) -> Explanation:
    look = command.describe(claim, "pvc")
    if provisioner := text(annotations(claim).get(_PROVISIONER))[:253]:
        return Explanation(
            f"{_waits(claim)}, made by {provisioner}",
            f"check that {provisioner} runs, or see {look}",
        )
    return Explanation(_waits(claim), f"check that the StorageClass exists, or see {look}")


def _provisioning(claim: Manifest, node: str) -> Explanation:
    return Explanation(
        f"{_waits(claim)}, which is being made for node {node[:253]}",
        f"see {command.describe(claim, 'pvc')} if this lasts",
    )


def _waits(claim: Manifest) -> str:
    wanted = spec(claim)
    size = text(mapping(mapping(wanted.get("resources")).get("requests")).get("storage"))[:32]
    storage_class = text(wanted.get("storageClassName"))[:253]
    by = f"StorageClass {storage_class}" if storage_class else "the default StorageClass"
    return f"PersistentVolumeClaim {name(claim)} waits for {size or 'a volume'} from {by}"

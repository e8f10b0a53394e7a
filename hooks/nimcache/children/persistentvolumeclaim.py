"""PersistentVolumeClaim: the volume that holds the model.

It is never updated, except to grow.
"""

from collections.abc import Iterator

from hooks.kernel import lastapplied, quantity
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping
from hooks.nimcache import kinds, naming
from hooks.nimcache.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the claim that is to be created, or that was."""
    cache, pvc = ctx.cache, ctx.cache.spec.storage.pvc
    if not pvc.create or not pvc.size:
        return
    there = ctx.child(kinds.PERSISTENT_VOLUME_CLAIM, naming.claim(cache))
    if there is not None:
        yield _grown(ctx, there, pvc.size)
        return
    metadata = naming.metadata(cache, naming.claim(cache), annotations=pvc.annotations)
    yield {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata,
        "spec": {
            "accessModes": [pvc.volume_access_mode or "ReadWriteOnce"],
            "resources": {"requests": {"storage": quantity.canonical(pvc.size)}},
            "storageClassName": pvc.storage_class or None,
        },
    }


def _grown(ctx: Context, there: Manifest, wanted: str) -> Manifest:
    """Return the claim as it is, with the larger of the two sizes.

    A claim that somebody else has grown cannot shrink.
    """
    kept = lastapplied.held(there, ctx.settings.field_manager)
    largest = max((each for each in (ctx.claim_size, wanted) if each), key=quantity.value)
    spec = mapping(kept.get("spec"))
    resources = mapping(spec.get("resources"))
    requests = {**mapping(resources.get("requests")), "storage": quantity.canonical(largest)}
    return {**kept, "spec": {**spec, "resources": {**resources, "requests": requests}}}

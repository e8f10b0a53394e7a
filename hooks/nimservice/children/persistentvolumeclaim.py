"""PersistentVolumeClaim: a volume for the model's files."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.kernel.quantity import canonical
from hooks.nimservice import naming
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the claim to create; a NIMCache brings its own."""
    nim, pvc = ctx.nim, ctx.nim.spec.storage.pvc
    if not pvc.create or pvc.size is None or nim.spec.storage.nim_cache.name:
        return
    yield {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": naming.metadata(
            nim, naming.claim(nim), labels=naming.labels(nim), annotations=pvc.annotations
        ),
        "spec": {
            "accessModes": [pvc.volume_access_mode or "ReadWriteOnce"],
            "resources": {"requests": {"storage": canonical(pvc.size)}},
            "storageClassName": pvc.storage_class or None,
        },
    }

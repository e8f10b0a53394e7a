"""ServiceAccount: who the pods are towards the cluster."""

from collections.abc import Iterator

from hooks import naming
from hooks.context import Context
from hooks.manifest import Manifest


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the ServiceAccount of the pods."""
    nim = ctx.nim
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": naming.metadata(nim, naming.service_account(nim), labels=naming.labels(nim)),
    }

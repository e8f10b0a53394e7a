"""ServiceAccount: the identity of the pods in the cluster."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.context import Context


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the ServiceAccount of the pods."""
    nim = ctx.nim
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": naming.metadata(nim, naming.service_account(nim), labels=naming.labels(nim)),
    }

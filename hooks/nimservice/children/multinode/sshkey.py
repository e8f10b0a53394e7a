"""SSH key: the Secret with which the pods of a group start the model server on each other.

The key is the only generated value. Metacontroller never updates this Secret, and the answer
repeats the data of an existing one, so a key is made once and then kept (Q31).
"""

import base64
from collections.abc import Iterator

from hooks.kernel import strict
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import kinds, naming
from hooks.nimservice.context import Context

KEY = "private.key"
"""Key of the Secret's data, and name of the file in the pods."""


def build(ctx: Context) -> Iterator[Manifest | Finding]:
    """Yield the Secret for groups that start by MPI, and as long as such a group may run."""
    nim, observed = ctx.nim, ctx.child(kinds.SECRET, naming.ssh_key(ctx.nim))
    desired = (
        nim.multi_node is not None
        and nim.multi_node.ray is None
        and ctx.manages(kinds.LEADER_WORKER_SET)
    )
    in_use = observed is not None and ctx.running(kinds.LEADER_WORKER_SET) is not None
    if not desired and not in_use:
        return
    data = {KEY: _private_key()} if observed is None else strict.mapping(observed, "data")
    yield {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": naming.metadata(nim, naming.ssh_key(nim), labels=naming.labels(nim)),
        "type": "Opaque",
        "data": data or None,
    }
    if KEY not in data:
        yield Finding(
            "SSHKeyMissing",
            f"Secret {naming.ssh_key(nim)} has no {KEY}",
            "delete the Secret, and the hooks make it again with a key",
        )


def _private_key() -> str:
    """Return a new RSA key as PEM (PKCS#1), in base64."""
    # Only the one sync that makes a key needs these modules.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return base64.b64encode(pem).decode()

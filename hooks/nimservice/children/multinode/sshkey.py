"""SSH key: the Secret with which the pods of a group start the model server on each other.

The key is the only generated value. It is made once and then kept (Q31).

Dynamic apply records an answer in an annotation of the object, and ``kubectl describe`` prints it.
So the answer has the key only where it makes one, and once more to take it out of the record. That
one has it in ``stringData``, which the API server moves to ``data``. The next answer lacks it, and
the key stays in the object and in no record.
"""

import base64
from collections.abc import Iterator

from hooks.kernel import lastapplied, strict
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping
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
    content = {"data": {KEY: _private_key()}} if observed is None else _content(ctx, observed)
    yield {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": naming.metadata(nim, naming.ssh_key(nim), labels=naming.labels(nim)),
        "type": "Opaque",
        **content,
    }
    if observed is not None and not strict.mapping(observed, "data").get(KEY):
        yield Finding(
            "SSHKeyMissing",
            f"Secret {naming.ssh_key(nim)} has no {KEY}",
            "delete the Secret, and the hooks make it again with a key",
        )


def _content(ctx: Context, observed: Manifest) -> Manifest:
    """Return the fields of an answer that keep the data of an observed Secret."""
    data = strict.mapping(observed, "data")
    if not data:
        return {}
    owned = lastapplied.applied_by_server(observed, ctx.settings.field_manager) or {}
    if f"f:{KEY}" in mapping(owned.get("f:data")):
        return {"data": data}  # server-side apply would remove what an answer lacks
    recorded = mapping((lastapplied.last_annotation(observed) or {}).get("data"))
    if KEY not in recorded:
        return {"data": {}}  # dynamic apply keeps what its record does not name
    if (pem := _decoded(strict.text(observed, "data", KEY))) is None:
        return {"data": data}  # stringData cannot hold it
    return {"data": {}, "stringData": {KEY: pem}}


def _decoded(data: str) -> str | None:
    """Return the text that base64 stands for, or None for anything else."""
    try:
        return base64.b64decode(data).decode() or None
    except ValueError:
        return None


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

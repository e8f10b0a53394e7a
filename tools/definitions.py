"""Definitions: Metacontroller's own CustomResourceDefinitions, for the files that install it, too.

The repository does not have them. Whoever makes a release downloads them, and a checksum tells
whether they are those of the version that the installation runs.
"""

import hashlib
from pathlib import Path

VERSION = "v4.17.2"
"""The version of Metacontroller that the component ``metacontroller`` runs."""

ADDRESS = (
    "https://raw.githubusercontent.com/metacontroller/metacontroller/"
    f"{VERSION}/manifests/production/metacontroller-crds-v1.yaml"
)
CHECKSUM = "58146fd8ad334094786bf87eacc75d6b6c4274ef8111fe99f9de4c878007fab5"
"""SHA-256 of what is at the address."""


class Wrong(Exception):
    """A file is not what the checksum is of; the text gives the cause and the remedy."""


def read(file: Path) -> str:
    """Return the definitions in a file; raise `Wrong` if they are others than those at ADDRESS."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Wrong(f"cannot read {file}: {error.strerror}; download {ADDRESS}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != CHECKSUM:
        raise Wrong(
            f"{file} has the SHA-256 {found}, Metacontroller's definitions of {VERSION} have "
            f"{CHECKSUM}; download {ADDRESS}"
        )
    return data.decode("utf-8")

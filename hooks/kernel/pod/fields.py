"""Fields: the fields of a resource that decide about its pods, as remedies name them."""

from typing import NamedTuple


class Fields(NamedTuple):
    """One resource's fields, each with its path; a field that the resource lacks is empty."""

    image: str
    """What to do about an image that does not exist, as a clause."""
    command: str
    """The fields with the command of its container."""
    memory_limit: str
    memory_request: str
    ephemeral_storage: str
    """The field that can request it."""
    lighter: str
    """What needs less memory, as a clause such as ``serve a smaller profile``."""
    startup_probe: str
    nodes: str
    """What to do about nodes without the labels that the pods ask for, as a clause."""
    affinity: str
    priority: str
    scheduler: str
    """The field with the name of the scheduler."""
    devices: str
    """The fields that ask for the devices of Dynamic Resource Allocation."""
    storage: str
    pull_secrets: str
    recreated: bool = False
    """Whether a pod is deleted and made again when a container ends; its log is gone with it."""


def clauses(*parts: str) -> str:
    """Return the alternatives that are not empty, the last after an ``or``."""
    *first, last = [each for each in parts if each]
    return ", or ".join([", ".join(first), last]) if first else last

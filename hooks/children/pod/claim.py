"""Claim: the devices that a pod claims by Dynamic Resource Allocation, and which containers use them."""

from typing import NamedTuple

from hooks.context import Context
from hooks.manifest import Manifest


class Claim(NamedTuple):
    """A claim of a pod."""

    entry: Manifest
    """The entry in the pod's ``resourceClaims``."""
    requests: tuple[str, ...] = ()
    """Requests of the claim that the containers use; none for the whole claim."""


def of(ctx: Context) -> list[Claim]:
    """Return the claims of a pod."""
    return []


def used(container: Manifest, claims: list[Claim]) -> Manifest:
    """Return a container that uses the claims."""
    return container

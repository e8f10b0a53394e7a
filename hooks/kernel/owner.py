"""Owner: the reference by which Kubernetes knows whose child an object is."""

from hooks.kernel.manifest import Manifest


def owner_reference(parent: Manifest) -> Manifest:
    """Return the reference that makes the parent a child's controller."""
    return {
        "apiVersion": parent["apiVersion"],
        "kind": parent["kind"],
        "name": parent["metadata"]["name"],
        "uid": parent["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }

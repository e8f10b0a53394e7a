"""Grouped: objects as Metacontroller sends them, by kind and then by namespace and name."""

from collections.abc import Iterable

from hooks.cluster.api import Object


def grouped(objects: Iterable[Object]) -> dict[str, dict[str, Object]]:
    """Return objects as a request has its children and related objects."""
    groups: dict[str, dict[str, Object]] = {}
    for each in objects:
        groups.setdefault(f"{each['kind']}.{each['apiVersion']}", {})[key(each)] = each
    return groups


def ident(manifest: Object) -> tuple[str, str]:
    """Return what tells an object from all others."""
    return manifest["kind"], key(manifest)


def key(manifest: Object) -> str:
    """Return namespace and name of an object, as a request has them."""
    return f"{namespace(manifest)}/{manifest['metadata']['name']}"


def namespace(manifest: Object) -> str:
    """Return the namespace of an object; a file may leave out the one that is meant."""
    return manifest["metadata"].get("namespace") or "default"

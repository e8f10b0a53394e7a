"""Observed: reads plain JSON that others wrote; where its shape is not the expected one, nothing is there."""

from typing import Any

from hooks.kernel.manifest import Manifest


def mapping(value: Any) -> Manifest:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Manifest]:
    """Return the objects of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return a text, or an empty one."""
    return value if isinstance(value, str) else ""


def number(value: Any, default: int = 0) -> int:
    """Return a whole number, or the default."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def name(manifest: Manifest) -> str:
    """Return the name of an object."""
    return text(mapping(manifest.get("metadata")).get("name"))


def labels(manifest: Manifest) -> Manifest:
    """Return the labels of an object."""
    return mapping(mapping(manifest.get("metadata")).get("labels"))


def status(manifest: Manifest) -> Manifest:
    """Return the status of an object."""
    return mapping(manifest.get("status"))


def condition(manifest: Manifest, wanted: str) -> Manifest:
    """Return a condition of an object, or an empty one."""
    conditions = status(manifest).get("conditions")
    if isinstance(conditions, list):
        for each in conditions:
            if isinstance(each, dict) and each.get("type") == wanted:
                return each
    return {}

"""Observed: reads facts from plain JSON of others; a value of an odd shape counts as absent.

``strict`` reads the facts that decide which children are answered.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
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


def texts(value: Any) -> list[str]:
    """Return the texts of a list."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def number(value: Any, default: int = 0) -> int:
    """Return a whole number, or the default."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def moment(value: Any) -> datetime | None:
    """Return the time that a text of RFC 3339 tells, or None."""
    if not value:  # most are absent, and an error costs more than all else here
        return None
    try:
        return datetime.fromisoformat(text(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def metadata(manifest: Manifest) -> Manifest:
    """Return the metadata of an object."""
    return mapping(manifest.get("metadata"))


def name(manifest: Manifest) -> str:
    """Return the name of an object."""
    return text(metadata(manifest).get("name"))


def labels(manifest: Manifest) -> Manifest:
    """Return the labels of an object."""
    return mapping(metadata(manifest).get("labels"))


def annotations(manifest: Manifest) -> Manifest:
    """Return the annotations of an object."""
    return mapping(metadata(manifest).get("annotations"))


def deleted(manifest: Manifest) -> bool:
    """Whether an object is being deleted."""
    return bool(text(metadata(manifest).get("deletionTimestamp")))


def finalizers(manifest: Manifest) -> list[str]:
    """Return the finalizers that hold an object during its deletion, until others remove them.

    Kubernetes removes those by which an object waits for its dependents.
    """
    given = texts(metadata(manifest).get("finalizers")) if deleted(manifest) else []
    return [each for each in given if each not in ("foregroundDeletion", "orphan")]


def carries(manifest: Manifest, marks: Mapping[str, str]) -> bool:
    """Whether an object has all of some labels."""
    return marks.items() <= labels(manifest).items()


def spec(manifest: Manifest) -> Manifest:
    """Return the spec of an object."""
    return mapping(manifest.get("spec"))


def status(manifest: Manifest) -> Manifest:
    """Return the status of an object."""
    return mapping(manifest.get("status"))


def condition(manifest: Manifest, wanted: str) -> Manifest:
    """Return a condition of an object, or an empty one."""
    conditions = status(manifest).get("conditions")
    if isinstance(conditions, list):  # read for every pod, so without a list of its objects
        for each in conditions:
            if isinstance(each, dict) and each.get("type") == wanted:
                return each
    return {}

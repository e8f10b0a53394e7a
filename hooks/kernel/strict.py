"""Strict: reads what decides which children are answered, and refuses an object that is odd there.

No API server keeps such an object. Reading it as empty could scale, restart or delete something, so
the request is refused with the name of the object and the path. Facts that only a status reports
are read by ``observed``.
"""

from typing import Any

from hooks.kernel import observed
from hooks.kernel.manifest import Manifest
from hooks.kernel.protocol import TOO_DEEP, BadRequest, too_deep

Key = str | int
"""A field of an object, or the position of an item of a list."""


def mapping(manifest: Manifest, *path: Key) -> Manifest:
    """Return the object at a path within an object; empty where there is none.

    Raises:
        BadRequest: 422 where something else is there.
    """
    found = _at(manifest, path)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise odd(manifest, path, "an object")
    return found


def mappings(manifest: Manifest, *path: Key) -> list[Manifest]:
    """Return the objects of the list at a path within an object; none where there is no list.

    Raises:
        BadRequest: 422 where something else is there.
    """
    found = _at(manifest, path)
    if found is None:
        return []
    if not isinstance(found, list):
        raise odd(manifest, path, "a list of objects")
    for index, item in enumerate(found):
        if not isinstance(item, dict):
            raise odd(manifest, (*path, index), "an object")
    return found


def text(manifest: Manifest, *path: Key) -> str:
    """Return the text at a path within an object; empty where there is none.

    Raises:
        BadRequest: 422 where something else is there.
    """
    found = _at(manifest, path)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise odd(manifest, path, "text")
    return found


def number(manifest: Manifest, *path: Key) -> int | None:
    """Return the whole number at a path within an object, or None where there is none.

    Raises:
        BadRequest: 422 where something else is there.
    """
    found = _at(manifest, path)
    if found is not None and type(found) is not int:
        raise odd(manifest, path, "a whole number")
    return found


def shallow(manifest: Manifest) -> Manifest:
    """Return an object that an answer can repeat.

    Raises:
        BadRequest: 422 where the object is nested too deeply.
    """
    if too_deep(manifest):
        raise BadRequest(422, TOO_DEEP)
    return manifest


def odd(manifest: Manifest, path: tuple[Key, ...], wanted: str) -> BadRequest:
    """Return the refusal of an object that has something unexpected at a path."""
    where = "".join(f".{key}" if _plain(key) else f"[{key}]" for key in path).removeprefix(".")
    subject = f"{observed.text(manifest.get('kind'))} {observed.name(manifest)}"
    return BadRequest(422, f"{subject}: {where}: must be {wanted}")


def _at(manifest: Manifest, path: tuple[Key, ...]) -> Any:
    """Return the value at a path, or None; a list with an item in the path was read before."""
    found: Any = manifest
    for depth, key in enumerate(path):
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(key, int):
            found = found[key]
        else:
            raise odd(manifest, path[:depth], "an object")
        if found is None:
            return None
    return found


def _plain(key: Key) -> bool:
    return isinstance(key, str) and "." not in key

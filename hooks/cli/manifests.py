"""Manifests: the Kubernetes objects in a document, and what is wrong with one that is none."""

from collections.abc import Iterator
from typing import Any

from hooks.cli.error import FOUND
from hooks.cli.loaded import FileError, Loaded, Place, Reading
from hooks.cli.loader import Source
from hooks.kernel.document import JSON

EXPECTED = "expected a Kubernetes object with apiVersion, kind and metadata"
_ENVELOPE = ("apiVersion", "kind")


def meant(
    document: Any, source: Source, file: str, found: bool, reading: Reading
) -> Iterator[JSON]:
    """Add the objects of a document; yield what may be a kustomization."""
    place = Place(file, *source.at(""))
    if why := _foreign(document, found):
        reading.passed.append(f"{place}: {why}")
        if isinstance(document, dict):
            yield document
        return
    for each in _flattened(document, source, file, reading):
        if each.manifest["apiVersion"].startswith("kustomize.config.k8s.io/"):
            reading.passed.append(f"{place}: is a {each.kind}")
            yield each.manifest
        else:
            reading.objects.append(each)


def _foreign(document: Any, found: bool) -> str:
    """Return why a document is not meant as a Kubernetes object, or an empty text."""
    if not isinstance(document, dict):
        return f"is {_kind_of(document)}" if found else ""
    if any(document.get(key) or _respelt(document, key) for key in _ENVELOPE):
        return ""
    return "" if "spec" in document else "has neither apiVersion nor kind"


def _flattened(document: Any, source: Source, file: str, reading: Reading) -> Iterator[Loaded]:
    """Yield the objects of a document; what is none becomes an error."""

    def wrong(message: str, path: str = "") -> None:
        place = Place(file, *source.at(path))
        reading.errors.append(FileError(place, message, FOUND))

    if isinstance(document, list):
        wrong(
            "is a list; separate the objects by lines of ---, "
            "or put them into the items of a kind: List"
        )
        return
    if not isinstance(document, dict):
        wrong(f"is {_kind_of(document)}; {EXPECTED}")
        return
    if wrongs := list(_envelope(document)):
        for path, message in wrongs:
            wrong(message, path)
        return
    if not isinstance(document.get("metadata") or {}, dict):
        found = _kind_of(value := document["metadata"])
        colon = isinstance(value, str) and ":" in value
        remedy = "; write a space after each colon" if colon else ""
        wrong(f"metadata must be an object with a name, is {found}{remedy}", "metadata")
        return
    if not document["kind"].endswith("List") or not isinstance(document.get("items"), list):
        yield Loaded(document, file, source)
        return
    for item, inner in zip(document["items"], source.items(), strict=True):
        yield from _flattened(item, inner, file, reading)


def _envelope(document: JSON) -> Iterator[tuple[str, str]]:
    """Yield where and what is wrong with the kind and the version of an object."""
    for key in _ENVELOPE:
        value = document.get(key)
        if key not in document and (other := _respelt(document, key)):
            yield other, f"has {other}; write {key}, because capital letters count"
        elif value in (None, ""):
            yield key, f"has no {key}; is it a Kubernetes object?"
        elif not isinstance(value, str):
            yield key, f"must have text as {key}; is it a Kubernetes object?"


def _respelt(document: JSON, key: str) -> str:
    """Return the key that is meant where only the capital letters differ, or an empty text."""
    return next((each for each in document if each != key and each.lower() == key.lower()), "")


def _kind_of(value: Any) -> str:
    """Return what a value is, in words."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "no object")

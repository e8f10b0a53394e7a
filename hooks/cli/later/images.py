"""Images: repositories, tags and digests."""

import re
from collections.abc import Iterator
from typing import Any

from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON

_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

_SCHEME = re.compile(r"((?:[a-z]+://)+)(.*)", re.DOTALL)
"""All schemes at once: a text of a thousand of them must not go a thousand calls deep."""


def of_parts(image: JSON, path: str) -> Iterator[Problem]:
    """Yield what is wrong with an image in several fields."""
    yield from _repository(image.get("repository"), f"{path}.repository", f"{path}.tag")
    tag = image.get("tag")
    if isinstance(tag, str) and tag:
        yield from _tag(tag, f"{path}.tag")


def _tag(tag: str, path: str) -> Iterator[Problem]:
    if not _TAG.fullmatch(tag):
        yield Problem(
            path, f'"{tag}" is no tag', "use letters, digits, '_', '.' and '-', at most 128"
        )


def of_text(value: Any, path: str) -> Iterator[Problem]:
    """Yield what is wrong with an image in one text: a repository, a tag or a digest or both."""
    if not isinstance(value, str) or not value:
        return
    if found := _SCHEME.fullmatch(value):
        yield from _schemed(value, path, of_text(found[2], path))
        return
    named, at, digest = value.partition("@")
    start = named.rfind("/") + 1
    last, colon, tag = named[start:].partition(":")
    if at and not _DIGEST.fullmatch(digest):
        yield Problem(path, f'"{digest}" is no digest', "use sha256: and 64 hexadecimal digits")
    elif not last:
        yield Problem(path, f'"{value}" has an empty part', "write the name of the image")
    elif wrong := list(_repository(named[:start] + last, path, "tag")):
        yield from wrong
    elif colon:
        yield from _tag(tag, path)


def _repository(value: Any, path: str, tag: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not value:
        return
    if found := _SCHEME.fullmatch(value):
        yield from _schemed(value, path, _repository(found[2], path, tag))
        return
    name, _, last = value.rpartition("/")
    repository, colon, version = last.partition(":")
    whole = f"{name}/{repository}".lstrip("/")
    if "@" in value:
        bare = re.sub(r":[^:/]*$", "", value.partition("@")[0])
        yield Problem(path, "has a digest", f"write {bare} and a {tag}")
    elif colon and name:
        yield Problem(path, f'has the tag "{version}"', f'write {whole}, and "{version}" as {tag}')
    elif value != value.lower() or not re.fullmatch(r"[a-z0-9._:/-]+", value):
        yield Problem(
            path,
            f'"{value}" is no repository',
            "use lower-case letters, digits, '.', '_', '-' and '/'",
        )
    elif value.endswith("/") or "//" in value or value.startswith("/"):
        yield Problem(path, f'"{value}" has an empty part', "remove the '/' that is too many")


def scheme(value: Any, path: str) -> Iterator[Problem]:
    """Yield the scheme of what is no URL."""
    if isinstance(value, str) and (found := _SCHEME.fullmatch(value)):
        yield Problem(path, f"has the scheme {found[1]}", f"write {found[2] or 'the name alone'}")


def _schemed(value: str, path: str, rest: Iterator[Problem]) -> Iterator[Problem]:
    """Yield the scheme together with what is wrong with the rest, so that one edit mends both."""
    for problem in scheme(value, path):
        further = next(rest, None)
        if further is None:
            yield problem
        else:
            yield Problem(path, f"{problem.message} and {further.message}", further.remedy)

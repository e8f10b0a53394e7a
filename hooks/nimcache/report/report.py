"""Report: what the probe found in the image, read from the status of its pod."""

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, status, text
from hooks.nimcache.profile.catalogue import Catalogue
from hooks.nimcache.report import modelmanifest
from hooks.nimcache.report.modelmanifest import Unreadable
from hooks.nimcache.report.script import HUB_CLIENT, PAGES

_LARGEST = 512 * 1024
"""Bytes of a manifest without its file lists: 190 profiles, which three pages hold, have 200 kB."""

_PAGE = re.compile(r"v1 ([1-9]) (\d{1,6}) (gzip|plain) (.*)", re.DOTALL)
_UNSTARTED = ("StartError", "ContainerCannotRun", "CreateContainerError", "RunContainerError")
_NO_SHELL = re.compile(
    r'"?/?(?:bin/)?sh"?: '
    r"(?:executable file not found|(?:stat [^:]{1,64}: )?no such file or directory)"
)


@dataclass(frozen=True)
class Report:
    """What the probe found.

    ``hub client`` is an image without manifest that downloads by Hugging Face's client alone, such
    as that of NeMo's data store.
    """

    found: Literal["manifest", "nothing", "hub client", "no shell", "unreadable", "too large"]
    catalogue: Catalogue | None = None
    """The profiles, where a manifest was found."""
    why: str = ""
    """Why a manifest cannot be read, as the end of a sentence."""


def of(pod: Manifest) -> Report | None:
    """Return what a pod of the probe reports, or None as long as it reports nothing."""
    containers = [
        each
        for key in ("initContainerStatuses", "containerStatuses")
        for each in mappings(status(pod).get(key))
    ]
    if any(_without_shell(each) for each in containers):
        return Report("no shell")
    if status(pod).get("phase") != "Succeeded":
        return None
    messages = [
        text(mapping(mapping(each.get("state")).get("terminated")).get("message"))
        for each in containers
    ]
    return joined(tuple(each for each in messages if each.startswith("v1 ")))


def _without_shell(container: Manifest) -> bool:
    state = mapping(container.get("state"))
    for said in (mapping(state.get("terminated")), mapping(state.get("waiting"))):
        if said.get("reason") in _UNSTARTED and _NO_SHELL.search(text(said.get("message"))[:4096]):
            return True
    return False


@lru_cache(maxsize=64)  # a cache that waits for its GPU is looked at with each report of a node
def joined(messages: tuple[str, ...]) -> Report:
    """Return what all messages of a pod say together."""
    if f"v1 none {HUB_CLIENT}" in messages:
        return Report("hub client")
    if "v1 none" in messages:
        return Report("nothing")
    if any(each.startswith("v1 large ") for each in messages):
        return Report("too large")
    try:
        return Report("manifest", modelmanifest.parse(_unpacked(messages)))
    except Unreadable as error:
        return Report("unreadable", why=str(error))


def _unpacked(messages: tuple[str, ...]) -> str:
    pages = {int(found[1]): found for each in messages if (found := _PAGE.fullmatch(each))}
    if sorted(pages) != list(range(1, PAGES + 1)):
        raise Unreadable(f"{len(pages)} of its {PAGES} pages are there")
    packed = "".join(pages[number][4] for number in sorted(pages))
    heads = {(found[2], found[3]) for found in pages.values()}
    size, form = heads.pop()
    if heads or len(packed.encode(errors="replace")) != int(size):
        raise Unreadable(
            "it was cut, perhaps because the pod has a container that something injected"
        )
    return packed if form == "plain" else _inflated(packed)


def _inflated(packed: str) -> str:
    engine = zlib.decompressobj(wbits=31)  # gzip, whose end has a checksum
    try:
        data = engine.decompress(base64.b64decode(packed, validate=True), _LARGEST + 1)
    except (binascii.Error, zlib.error, ValueError):
        raise Unreadable("it is damaged") from None
    if len(data) > _LARGEST:
        raise Unreadable(f"it is larger than {_LARGEST // 1024} KiB")
    if not engine.eof:
        raise Unreadable("it is damaged")
    return data.decode(errors="replace")

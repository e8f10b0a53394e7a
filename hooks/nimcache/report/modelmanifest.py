"""Model manifest: reads the YAML in which an image lists its profiles.

It is somebody's input: bounded, and read as texts alone.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from hooks.nimcache.profile.catalogue import Catalogue, Profile

_DEEPEST = 24  # levels: a manifest has five
_MOST_PROFILES, _MOST_TAGS = 1000, 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,255}")
"""What can be an argument of the download; nothing that begins like an option."""


class Unreadable(ValueError):
    """A text that is no model manifest; the message says why."""


def parse(text: str) -> Catalogue:
    """Return the profiles of a manifest, whichever of its published shapes it has.

    Raises:
        Unreadable: where the text is no manifest.
    """
    document = _load(text)
    if not isinstance(document, dict):
        raise Unreadable("it is no map")
    items = next(
        (document[key] for key in ("profiles", "manifest") if isinstance(document.get(key), list)),
        None,
    )
    mapped = document["profiles"] if isinstance(document.get("profiles"), dict) else document
    profiles = tuple(_profiles(mapped.items() if items is None else _identified(items)))
    if not profiles:
        raise Unreadable("it lists no profiles")
    if len({each.name for each in profiles}) < len(profiles):
        raise Unreadable("it lists a profile twice")
    return Catalogue(profiles, listed=items is not None)


def _load(text: str) -> Any:
    """Return the document, all scalars as texts.

    A tag such as ``!workspace`` means nothing, and ``true`` and ``1`` stay words.
    """
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            if isinstance(event, yaml.AliasEvent):
                raise Unreadable("it has aliases")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise Unreadable("it is nested too deeply")
        return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 - a base loader makes nothing but texts, lists and maps
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("it is no YAML") from None


def _identified(items: list[Any]) -> Iterator[tuple[Any, Any]]:
    for item in items:
        if isinstance(item, dict):
            yield item.get("id") or item.get("profile_id"), item


def _profiles(entries: Iterable[tuple[Any, Any]]) -> Iterator[Profile]:
    count = 0
    for name, entry in entries:
        tags = entry.get("tags") if isinstance(entry, dict) else None
        if not isinstance(tags, dict):
            continue
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Unreadable("a profile has a name that cannot be used")
        count += 1
        if count > _MOST_PROFILES or len(tags) > _MOST_TAGS:
            raise Unreadable(
                f"it has more than {_MOST_PROFILES} profiles, or {_MOST_TAGS} tags of one"
            )
        yield Profile(
            name,
            {key: value for key, value in tags.items() if isinstance(value, str)},
            *(_text(entry.get(key)) for key in ("model", "release")),
        )


def _text(value: Any) -> str:
    return value[:256] if isinstance(value, str) else ""

"""Model manifest: reads the YAML in which an image lists its profiles.

It is somebody's input: bounded, and read as texts alone.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from hooks.nimcache.profile.catalogue import Catalogue, Profile

_DEEPEST = 24  # levels: a manifest has five
_MOST_EVENTS = 20_000
"""Scalars, and beginnings and ends of lists and maps.

Three pages hold 190 profiles of ten tags, which have 6000. A million would take seconds.
"""
_MOST_PROFILES, _MOST_TAGS = 1000, 64
_LONGEST_TAG = 257  # characters; of an expression, one more than is read
_MOST_GPUS = 128
"""Different GPUs that profiles are made for: each is compared with each that is asked for."""

_MOST_PATTERNS = 1500
"""Characters of all different expressions for GPUs together; one has fewer than 60."""
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
    catalogue = Catalogue(profiles, listed=items is not None)
    patterns = {each.gpu_pattern for each in profiles}
    if len(catalogue.gpus) > _MOST_GPUS or sum(map(len, patterns)) > _MOST_PATTERNS:
        raise Unreadable("it tells too many GPUs apart")
    return catalogue


def is_name(name: Any) -> bool:
    """Return whether something can be the name of a profile, and so an argument."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _load(text: str) -> Any:
    """Return the document, all scalars as texts.

    A tag such as ``!workspace`` means nothing, and ``true`` and ``1`` stay words.
    """
    events = _bounded(yaml.parse(text, Loader=yaml.CBaseLoader))
    try:
        document = _built(events)
        for _ in events:
            pass  # what follows is read, too: it may be no YAML
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("it is no YAML") from None
    return document


def _bounded(events: Iterable[yaml.Event]) -> Iterator[yaml.Event]:
    """Yield the events of one document without aliases, as long as they are not too many."""
    depth = documents = 0
    for count, event in enumerate(events):
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("it has aliases")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > _DEEPEST:
            raise Unreadable("it is nested too deeply")
        if count > _MOST_EVENTS:
            raise Unreadable(f"it has more than {_MOST_EVENTS} values")
        if documents > 1:
            raise Unreadable("it is no YAML")
        yield event


def _built(events: Iterator[yaml.Event]) -> Any:
    """Return the value that begins with the next event; None at the end of a list or map."""
    for event in events:
        match event:
            case yaml.ScalarEvent():
                return event.value
            case yaml.SequenceStartEvent():
                return [*iter(lambda: _built(events), None)]
            case yaml.MappingStartEvent():
                return {_key(key): _built(events) for key in iter(lambda: _built(events), None)}
            case yaml.CollectionEndEvent():
                return None
    return None


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise Unreadable("it is no YAML")
    return key


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
        if not is_name(name):
            raise Unreadable("a profile has a name that cannot be used")
        count += 1
        if count > _MOST_PROFILES or len(tags) > _MOST_TAGS:
            raise Unreadable(
                f"it has more than {_MOST_PROFILES} profiles, or {_MOST_TAGS} tags of one"
            )
        yield Profile(
            name,
            {key: value[:_LONGEST_TAG] for key, value in tags.items() if isinstance(value, str)},
            *(_text(entry.get(key)) for key in ("model", "release")),
        )


def _text(value: Any) -> str:
    return value[:256] if isinstance(value, str) else ""

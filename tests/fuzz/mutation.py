"""Mutation: spoils a request at random places, and says in which of its parts."""

import copy
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from hooks.kernel.document import JSON

_RAW = {
    "@huge@": b"1" + b"0" * 40,
    "@nan@": b"NaN",
    "@infinity@": b"-Infinity",
    "@surrogate@": b'"\\ud800"',
    **{f"@nested {depth}@": b'{"a":' * depth + b"1" + b"}" * depth for depth in (100, 300, 1000)},
    **{f"@listed {depth}@": b"[" * depth + b"]" * depth for depth in (100, 300, 1000, 5000)},
}
"""What JSON text can say and a value in Python cannot, by the text that stands for it."""

HOSTILE: tuple[Any, ...] = (
    *(
        "",
        " ",
        "\x00",
        "-",
        "a b",
        "../../etc/passwd",
        "$(NIM_SERVER_PORT)",
        "{{ .Values.x }}",
        "%s%n",
        "\u202eabc",
        "🔥",
        "é" * 300,
    ),
    *(
        "null",
        "true",
        "NaN",
        "0x10",
        "1e999",
        "-1",
        "1.5Gi",
        "9" * 80,
        "x" * 20_000,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
    ),
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        7,
        65536,
        2**31,
        2**53,
        2**63 - 1,
        2**64 - 1,
        -(2**63),
        0.5,
        -0.0,
        1e308,
    ),
    *(
        [],
        {},
        [[]],
        [{}],
        [None],
        ["x"],
        [1, "x", None],
        {"": None},
        {"a": 1},
        {"name": None},
        {"name": "x"},
        {"name": {"a": []}},
    ),
    *_RAW,
)
"""Values that nobody expects at the place where they are put."""

REGIONS = {
    "spec": (30, ("parent", "spec")),
    "status": (12, ("parent", "status")),
    "metadata": (5, ("parent", "metadata")),
    "children": (26, ("children",)),
    "related": (14, ("related",)),
    "controller": (5, ("controller",)),
    "envelope": (3, ()),
}
"""The parts of a request: how often each is spoilt, and where it is."""


class Mutant(NamedTuple):
    """A spoilt request."""

    body: bytes
    regions: frozenset[str]
    """The parts that were spoilt; ``bytes`` for the text itself."""
    told: tuple[str, ...]
    """What was done."""


class _Place(NamedTuple):
    """A value within a request."""

    holder: Any
    key: Any
    path: str

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    @value.setter
    def value(self, new: Any) -> None:
        self.holder[self.key] = new


def mutant(body: bytes, chance: random.Random, donor: bytes | None = None) -> Mutant:
    """Return a request spoilt in one to three places; a donor is a request to swap parts with."""
    document, regions, told = orjson.loads(body), set(), []
    if donor is not None:
        region = chance.choices(list(REGIONS), [weight for weight, _ in REGIONS.values()])[0]
        if what := _swap(document, orjson.loads(donor), REGIONS[region][1], chance):
            # A whole parent of another request is an edit of everything in it.
            regions |= {"spec", "status", "metadata", region} if region == "envelope" else {region}
            told.append(what)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        region = chance.choices(list(REGIONS), [weight for weight, _ in REGIONS.values()])[0]
        what = _spoil(document, REGIONS[region][1], chance)
        if what:
            regions.add(region)
            told.append(what)
    text = orjson.dumps(document)
    for name, raw in _RAW.items():
        text = text.replace(b'"' + name.encode() + b'"', raw)
    if chance.random() < 0.01:
        regions.add("bytes")
        told.append("text cut, doubled or flipped")
        text = _damaged(text, chance)
    return Mutant(text, frozenset(regions), tuple(told))


def _spoil(document: JSON, root: tuple[str, ...], chance: random.Random) -> str | None:
    place = _choose(document, root, chance)
    if place is None:
        return None
    name, change = chance.choice(_CHANGES)
    change(place, document, chance)
    return f"{name} {place.path}"


def _choose(document: JSON, root: tuple[str, ...], chance: random.Random) -> _Place | None:
    """Return a place at any depth below a root; for the root of nothing, one of the request's own
    keys."""
    here: Any = document
    for key in root:
        here = here.get(key) if isinstance(here, dict) else None
    path, place = ".".join(root), None
    while (keys := _keys(here)) and (place is None or (root and chance.random() < 0.92)):
        # Most groups of children are empty, and most mistakes are made deeper.
        full = [key for key in keys if here[key] not in ({}, [])]
        key = chance.choice(full if full and chance.random() < 0.9 else keys)
        path = f"{path}.{key}" if isinstance(here, dict) else f"{path}[{key}]"
        place, here = _Place(here, key, path), here[key]
    return place


def _swap(document: JSON, donor: JSON, root: tuple[str, ...], chance: random.Random) -> str | None:
    """Put a part of a valid request where it stands there, or to any place below a root."""
    here, there = _choose(document, root, chance), _choose(donor, root, chance)
    if here is None or there is None:
        return None
    if chance.random() < 0.5:
        here.holder[here.key] = there.value
        return f"{there.path} of another request at {here.path}"
    to, given = document, donor
    for key in root:
        to, given = to.get(key) or {}, given.get(key) or {}
    if not isinstance(to, dict) or not isinstance(given, dict) or not given:
        return None
    key = chance.choice(list(given))
    to[key] = given[key]
    return f"{'.'.join((*root, key))} of another request"


def _keys(value: Any) -> list[Any]:
    return (
        list(value)
        if isinstance(value, dict)
        else list(range(len(value)))
        if isinstance(value, list)
        else []
    )


def _drop(place: _Place, _: JSON, __: random.Random) -> None:
    del place.holder[place.key]


def _hostile(place: _Place, _: JSON, chance: random.Random) -> None:
    place.holder[place.key] = copy.deepcopy(chance.choice(HOSTILE))


def _double(place: _Place, _: JSON, __: random.Random) -> None:
    if isinstance(place.holder, list):
        place.holder.append(place.value)
    else:
        place.holder[f"{place.key}2"] = place.value


def _rename(place: _Place, _: JSON, chance: random.Random) -> None:
    if isinstance(place.holder, dict):
        value = place.holder.pop(place.key)
        place.holder[
            chance.choice(
                ["", "name", "spec", "x" * 300, place.key.upper(), f"{place.key}.v2", "a/b"]
            )
        ] = value


def _wrap(place: _Place, _: JSON, chance: random.Random) -> None:
    place.holder[place.key] = chance.choice(
        [[place.value], {"a": place.value}, str(place.value)[:5000]]
    )


def _unwrap(place: _Place, _: JSON, __: random.Random) -> None:
    inner = _keys(place.value)
    place.holder[place.key] = place.value[inner[0]] if inner else None


def _other(place: _Place, document: JSON, chance: random.Random) -> None:
    """Put what stands somewhere else."""
    root = REGIONS[chance.choice(["spec", "status", "children", "related"])][1]
    other = _choose(document, root, chance)
    if other is not None:
        place.holder[place.key] = orjson.loads(orjson.dumps(other.value))


def _shuffle(place: _Place, _: JSON, chance: random.Random) -> None:
    if isinstance(place.value, list):
        chance.shuffle(place.value)
    elif isinstance(place.value, dict):
        items = list(place.value.items())
        chance.shuffle(items)
        place.holder[place.key] = dict(items)


def _within(place: _Place, document: JSON, chance: random.Random) -> None:
    """Spoil JSON within a text, such as what was applied last."""
    try:
        inner = orjson.loads(place.value)
    except (orjson.JSONDecodeError, TypeError):
        _hostile(place, document, chance)
        return
    if isinstance(inner, dict):
        spot = _choose({"inner": inner}, ("inner",), chance)
        if spot is not None:
            chance.choice((_drop, _hostile, _wrap, _rename))(spot, document, chance)
    place.holder[place.key] = orjson.dumps(inner).decode()


_CHANGES: tuple[tuple[str, Callable[[_Place, JSON, random.Random], None]], ...] = (
    ("drop", _drop),
    ("drop", _drop),
    ("hostile value at", _hostile),
    ("hostile value at", _hostile),
    ("hostile value at", _hostile),
    ("hostile value at", _hostile),
    ("double", _double),
    ("rename", _rename),
    ("wrap", _wrap),
    ("unwrap", _unwrap),
    ("something else at", _other),
    ("shuffle", _shuffle),
    ("spoil within", _within),
)


def _damaged(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text))
    match chance.randrange(3):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + text[at : at + 200] + text[at:]
        case _:
            return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]

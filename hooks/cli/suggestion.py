"""Suggestion: the right place for a field that its parent does not have.

First the same name beside it, then what people call it there, then the same name below the same
parent, then what people call it elsewhere, nearly the same name beside it, the same name in another
place, the nearest place first, then a similar name. It never names the status.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from hooks.cli.synonyms import SYNONYMS
from hooks.kernel.crd import shipped
from hooks.kernel.crd.structure import join
from hooks.kernel.document import JSON

_SERVICE = re.compile(r"spec\.services\[\d+\]\.(?=spec\b)")
_BESIDE_SPEC = ("name", "enabled", "dependencies")
"""What a service of a pipeline has besides its spec."""
_CLOSE, _NEAR = 0.8, 0.7
"""How much of a name has to be alike: beside it, and anywhere in the spec."""
_SHORTENED = 3
"""Letters that a short form has at least."""
_MANY = 2
"""Places that a suggestion names at most."""


class Suggestions:
    """Suggests fields of one kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __call__(self, parent: str, name: str, properties: JSON) -> str:
        """Return the remedy for a field that the object at ``parent`` does not have."""
        kind, base = self._kind, ""
        if self._kind == "NIMPipeline" and (inside := _SERVICE.match(parent)):
            kind, base, parent = "NIMService", inside[0], parent[inside.end() :]
            if parent == "spec" and name in _BESIDE_SPEC:
                return f"did you mean {base}{name}? write it beside spec"
        return _remedy(kind, base, parent, name, properties)


def _remedy(kind: str, base: str, parent: str, name: str, properties: JSON) -> str:
    plain = re.sub(r"\[[^\]]*\]", "", parent)
    if same := _alike(name, properties, 1):
        return f"did you mean {same}?"
    said = SYNONYMS[kind].get(f"{plain}.{name}".lower(), "")
    if not said and (inside := _inside(plain, name, properties)):
        meant = " or ".join(f"{base}{parent}.{place}" for place in inside)
        return f"did you mean {meant}?"
    place, _, words = (said or _known(kind, plain, name)).partition("; ")
    if place:
        above, _, field = place.rpartition(".")
        # Beside it, in an entry of a list, its name is clear, and its path has no number.
        meant = field if above == plain and "[" in parent else _placed(base, place)
        return f"did you mean {meant}?" + (f" {words}" if words else "")
    if words:
        return words
    if beside := _alike(name, properties, _CLOSE):
        return f"did you mean {beside}?"
    if places := _places(kind, plain, name):
        return f"did you mean {' or '.join(_placed(base, place) for place in places)}?"
    if beside := _alike(name, properties, _NEAR):
        return f"did you mean {beside}?"
    if plain in ("", "spec") and (similar := _similar(kind, name)):
        return f"did you mean {_placed(base, similar)}?"
    if 0 < len(properties) <= 12:
        return f"the fields here are {', '.join(properties)}"
    return f"nimservice explain {_explained(kind, plain)} lists the fields here"


def _known(kind: str, parent: str, name: str) -> str:
    """Return what the table says of a name in any parent: a place, words, or both."""
    said = SYNONYMS[kind].get(name.lower(), "")
    # Deep in another part of the spec, the name means something else.
    if parent in ("", "spec") or _shared(parent, said.partition(";")[0]) > 1:
        return said
    return ""


def _placed(base: str, place: str) -> str:
    return base + place if place.startswith("spec") or not base else place


def _explained(kind: str, parent: str) -> str:
    return f"{kind.lower()}.{parent}".rstrip(".")


def _alike(name: str, choices: Any, least: float) -> str:
    """Return the choice that is most like a name, or an empty text."""
    rated = [(_ratio(name, str(choice)), str(choice)) for choice in choices if choice != "status"]
    best = max(rated, default=(0.0, ""))
    return best[1] if best[0] >= least else ""


def _ratio(one: str, other: str) -> float:
    one, other = _bare(one), _bare(other)
    if one != other and len(one) >= _SHORTENED and other.startswith(one):
        return _CLOSE  # a short form, such as repo
    return SequenceMatcher(None, one, other).ratio()


def _bare(name: str) -> str:
    return re.sub(r"[-_. ]", "", name).lower()


def _inside(parent: str, name: str, properties: JSON) -> list[str]:
    """Return where below a parent a field of this name is, also where Kubernetes defines it.

    Each path begins below the parent. A whole spec has too many parts to say which one is meant.
    """
    if parent in ("", "spec"):
        return []
    found = [path for path in _all({"properties": properties}, "") if _named(path, name)]
    shortest = min((path.count(".") for path in found), default=0)
    nearest = [path for path in found if path.count(".") == shortest]
    return nearest if len(nearest) <= _MANY else []


def _all(schema: JSON, path: str) -> Iterator[str]:
    """Yield the paths of all fields below a schema; an entry of a list has no number to name."""
    for name, part in schema.get("properties", {}).items():
        place = join(path, name)
        yield place
        yield from _all(part, place)


def _named(path: str, name: str) -> bool:
    return _bare(path.rsplit(".", 1)[-1]) == _bare(name)


def _places(kind: str, parent: str, name: str) -> list[str]:
    """Return where else a field of this name is: the places with the longest shared path."""
    found = [place for place in paths(kind) if _named(place, name)]
    if not found:
        return []
    shared = max(_shared(parent, place) for place in found)
    nearest = [place for place in found if _shared(parent, place) == shared]
    shortest = min(place.count(".") for place in nearest)
    nearest = [place for place in nearest if place.count(".") == shortest]
    # A name that stands in many places, such as `name`, says nothing of which one is meant.
    return nearest if len(nearest) <= _MANY else []


def _shared(parent: str, place: str) -> int:
    count = 0
    for one, other in zip(parent.split("."), place.split("."), strict=False):
        if one != other:
            break
        count += 1
    return count


def _similar(kind: str, name: str) -> str:
    rated = [(_ratio(name, place.rsplit(".", 1)[-1]), place) for place in paths(kind)]
    best = max((rate for rate, _ in rated), default=0.0)
    places = [place for rate, place in rated if rate == best]
    return min(places, key=lambda place: place.count(".")) if best >= _CLOSE else ""


@cache
def paths(kind: str) -> tuple[str, ...]:
    """Return the paths of a spec's own fields; those of Kubernetes' pods and probes are not."""
    spec = shipped.schemas()[kind]["properties"]["spec"]
    return ("spec", *_below(spec, "spec"))


_OF_KUBERNETES = re.compile(
    r"Probe$|[aA]ffinity$|Containers$|^spec\.scale\.hpa\.(metrics|behavior)$|\.tolerations$|\.valueFrom$"
)


def _below(schema: JSON, path: str) -> Iterator[str]:
    for name, part in schema.get("items", schema).get("properties", {}).items():
        place = join(path, name)
        yield place
        if not _OF_KUBERNETES.search(place):
            yield from _below(part, place)

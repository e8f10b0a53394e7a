"""Pattern: an image's regular expressions for GPUs, matched in bounded time.

They come from the image, and Python's own engine backtracks: one expression could keep a thread
busy for hours. So a small grammar is read: anchors, literals, ``.``, classes, ``?``, ``*`` and
``+`` behind one character, groups of alternative literals, and ``(?!literal)``. All places where a
part of the expression can end are followed at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

_LONGEST = 256
"""Characters of an expression: those that images use have fewer than 60."""

_LONGEST_TEXT = 128
"""Characters of a text: a label of a node has 63."""

_SHORTHANDS: dict[str, Callable[[str], bool]] = {
    "d": str.isdigit,
    "w": lambda each: each.isalnum() or each == "_",
    "s": str.isspace,
}
_SPECIAL = set(".^$*+?()[]{}|\\")


class Unsupported(ValueError):
    """An expression that goes beyond the grammar."""


@dataclass(frozen=True)
class _Character:
    """One character that fits, as often as the limits say."""

    fits: Callable[[str], bool]
    least: int = 1
    many: bool = False

    def ends(self, text: str, starts: set[int]) -> set[int]:
        if self.many:
            reached = self._run(text, starts)
        else:
            inside = (each for each in starts if each < len(text))
            reached = {each + 1 for each in inside if self.fits(text[each])}
        return reached if self.least else reached | starts

    def _run(self, text: str, starts: set[int]) -> set[int]:
        reached: set[int] = set()
        for place in range(min(starts), len(text)):
            if (place in starts or place in reached) and self.fits(text[place]):
                reached.add(place + 1)
        return reached


@dataclass(frozen=True)
class _Words:
    """One of several literals."""

    words: tuple[str, ...]
    optional: bool = False

    def ends(self, text: str, starts: set[int]) -> set[int]:
        reached = {
            start + len(each)
            for each in self.words
            for start in starts
            if text.startswith(each, start)
        }
        return reached | starts if self.optional else reached


@dataclass(frozen=True)
class _Place:
    """A condition on a place, which takes no characters."""

    holds: Callable[[str, int], bool]

    def ends(self, text: str, starts: set[int]) -> set[int]:
        return {start for start in starts if self.holds(text, start)}


_Part = _Character | _Words | _Place


@lru_cache(maxsize=8192)  # every sync asks the same of the same images
def matches(pattern: str, text: str) -> bool:
    """Return whether an expression matches somewhere in a text; none does in a very long one.

    Raises:
        Unsupported: where the expression goes beyond the grammar.
    """
    if len(pattern) > _LONGEST:
        raise Unsupported("too long")
    return len(text) <= _LONGEST_TEXT and any(_matches(parts, text) for parts in _read(pattern))


@lru_cache(maxsize=1024)
def _read(pattern: str) -> list[list[_Part]]:
    return _Reader(pattern).alternatives()


def _matches(parts: list[_Part], text: str) -> bool:
    places = set(range(len(text) + 1))
    for part in parts:
        places = part.ends(text, places)
        if not places:
            return False
    return True


class _Reader:
    """Reads an expression from its begin to its end."""

    def __init__(self, pattern: str) -> None:
        self._rest = list(reversed(pattern))

    def alternatives(self) -> list[list[_Part]]:
        """Return the alternatives of the whole expression."""
        found: list[list[_Part]] = [[]]
        while self._rest:
            if self._took("|"):
                found.append([])
            else:
                found[-1].append(self._part())
        return found

    def _part(self) -> _Part:
        character = self._rest.pop()
        match character:
            case "^":
                return _Place(lambda _, place: place == 0)
            case "$":
                return _Place(lambda text, place: place == len(text))
            case "(":
                return self._group()
            case ".":
                return self._counted(lambda each: each != "\n")
            case "[":
                return self._counted(self._class())
            case "\\":
                return self._counted(self._escaped())
            case _ if character in _SPECIAL:
                raise Unsupported(f"{character} without anything before it")
        return self._counted(_one(character))

    def _counted(self, test: Callable[[str], bool]) -> _Character:
        fits = cache(test)  # a class may have a hundred members
        if self._took("?"):
            part = _Character(fits, 0)
        elif self._took("*"):
            part = _Character(fits, 0, many=True)
        elif self._took("+"):
            part = _Character(fits, 1, many=True)
        else:
            part = _Character(fits)
        if self._rest and self._rest[-1] in "?*+{":
            raise Unsupported("two counts")
        return part

    def _group(self) -> _Part:
        refused = False
        if self._took("?"):
            refused = self._took("!")
            if not refused and not self._took(":"):
                raise Unsupported("a group of another kind")
        words = self._words()
        if refused:
            return _Place(lambda text, place: not text.startswith(words, place))
        optional = self._took("?")
        if self._rest and self._rest[-1] in "?*+{":
            raise Unsupported("a group that is repeated")
        return _Words(words, optional)

    def _words(self) -> tuple[str, ...]:
        words = [""]
        while not self._took(")"):
            if self._took("|"):
                words.append("")
                continue
            if not self._rest:
                raise Unsupported("a group without end")
            character = self._rest.pop()
            if character == "\\":
                character = self._literal()
            elif character in _SPECIAL:
                raise Unsupported("a group of more than literals")
            words[-1] += character
        return tuple(words)

    def _class(self) -> Callable[[str], bool]:
        negated, tests = self._took("^"), list[Callable[[str], bool]]()
        while not self._took("]"):
            if not self._rest:
                raise Unsupported("a class without end")
            tests.append(self._member())
        return lambda each: any(test(each) for test in tests) != negated

    def _member(self) -> Callable[[str], bool]:
        first = self._rest.pop()
        if first == "\\":
            if self._rest and self._rest[-1] in _SHORTHANDS:
                return _SHORTHANDS[self._rest.pop()]
            first = self._literal()
        if len(self._rest) > 1 and self._rest[-1] == "-" and self._rest[-2] != "]":
            self._rest.pop()
            last = self._rest.pop()
            if last == "\\":
                last = self._literal()
            return lambda each: first <= each <= last
        return _one(first)

    def _escaped(self) -> Callable[[str], bool]:
        if self._rest and self._rest[-1] in _SHORTHANDS:
            return _SHORTHANDS[self._rest.pop()]
        return _one(self._literal())

    def _literal(self) -> str:
        if not self._rest or self._rest[-1].isalnum():
            raise Unsupported("an escape of another kind")
        return self._rest.pop()

    def _took(self, character: str) -> bool:
        if self._rest and self._rest[-1] == character:
            self._rest.pop()
            return True
        return False


def _one(character: str) -> Callable[[str], bool]:
    return lambda each: each == character

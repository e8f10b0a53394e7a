"""Bounds: refuses YAML that is small as text and has no end, or no bottom, as objects.

The library composes nodes by recursion in C, so deep text ends the process; and what aliases repeat
grows by a power with each line. The events of a text tell both before a node is made. To read them
costs less than half of what it costs to read the text: 0.2 ms for a file of one object.
"""

from collections.abc import Iterator
from typing import cast

import yaml

DEEPEST = 200
"""Most levels of lists and objects; the JSON writer's limit is 254."""

REPEATED = 100_000
"""Most values that the aliases of a document may repeat; values without an alias have no limit."""

_LETTERS = 100
"""So many letters of a text weigh as much as a value."""


class OutOfBounds(yaml.MarkedYAMLError):
    """A document that is too deep or too large; the problem has the remedy."""

    def __init__(self, problem: str, event: yaml.Event) -> None:
        super().__init__(problem=problem, problem_mark=cast("yaml.Mark", event.start_mark))


class _Document:
    """The measures of the values so far: how many there are, and of how many levels."""

    def __init__(self) -> None:
        self.anchored: dict[str, tuple[int, int]] = {}
        self.open: list[tuple[str | None, int, int]] = []
        self.repeated = 0

    def begin(self, event: yaml.CollectionStartEvent) -> None:
        """Open a list or an object."""
        self.open.append((event.anchor, 1, 1))
        self._check_depth(0, event)

    def end(self) -> None:
        """Close what was opened last."""
        self.add(*self.open.pop())

    def repeat(self, event: yaml.AliasEvent) -> None:
        """Add the value of an alias; an unknown or an unfinished one is the constructor's case."""
        values, levels = self.anchored.get(event.anchor or "", (1, 0))
        self._check_depth(levels, event)
        self.repeated += values
        if self.repeated > REPEATED:
            raise OutOfBounds(
                f"the aliases up to here repeat more than {REPEATED} values; "
                f"use fewer aliases such as *{event.anchor}",
                event,
            )
        self.add(None, values, levels)

    def add(self, anchor: str | None, values: int, levels: int) -> None:
        """Add a whole value to the innermost list or object."""
        if anchor is not None:
            self.anchored[anchor] = values, levels
        if self.open:
            outer, before, deepest = self.open[-1]
            self.open[-1] = outer, before + values, max(deepest, levels + 1)

    def _check_depth(self, levels: int, event: yaml.Event) -> None:
        if len(self.open) + levels > DEEPEST:
            raise OutOfBounds(
                f"is nested too deeply, in more than {DEEPEST} levels of lists and objects; "
                "remove levels",
                event,
            )


def check(events: Iterator[yaml.Event]) -> None:
    """Read the events of the next document; those of a later one stay.

    Text that is not YAML ends the check: whoever composes the document words that mistake.

    Raises:
        OutOfBounds: at the first value that is too much.
    """
    document = _Document()
    try:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                document.add(event.anchor, 1 + len(event.value) // _LETTERS, 0)
            elif isinstance(event, yaml.CollectionStartEvent):
                document.begin(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                document.end()
            elif isinstance(event, yaml.AliasEvent):
                document.repeat(event)
            elif isinstance(event, yaml.DocumentEndEvent):
                return
    except OutOfBounds:
        raise
    except yaml.YAMLError:
        return

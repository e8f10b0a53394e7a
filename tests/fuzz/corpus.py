"""Corpus: requests that Metacontroller really sends, to be spoilt: those of the cases, and those of
some histories."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from hooks.kernel.document import JSON
from hooks.preview.installation import Hooks
from hooks.resources import Settings
from tests.histories.history import History, Player, draw
from tests.histories.step import Step
from tests.situations import stored

CASES = Path(__file__).parents[1] / "cases"
HISTORIES = range(18)
"""One for each engine and each NIMService to begin with."""
_BEGINNING = 14
"""Steps of a history that are played for their requests."""


class Sample(NamedTuple):
    """A request and what the hooks answer to it."""

    resource: str
    """The first part of the path, for example ``nimservice``."""
    hook: str
    body: bytes
    answer: JSON

    @property
    def path(self) -> str:
        """The path of the hook."""
        return f"/{self.resource}/{self.hook}"


HOOKS = Hooks(Settings(), lambda: stored.NOW)


@cache
def samples() -> tuple[Sample, ...]:
    """Return the requests that are worth spoiling, none twice."""
    found = dict.fromkeys(
        [
            *_of_cases(),
            *(("nimservice", *each) for seed in HISTORIES for each in _of_history(draw(seed))),
        ]
    )
    answered = (
        (resource, hook, body, HOOKS(f"/{resource}/{hook}", body)) for resource, hook, body in found
    )
    return tuple(
        Sample(resource, hook, body, orjson.loads(answer))
        for resource, hook, body, (status, _, answer) in answered
        if status == 200
    )


def _of_cases() -> Iterator[tuple[str, str, bytes]]:
    for hook in ("sync", "finalize", "customize"):
        for path in sorted(CASES.glob(f"*/{hook}/*/request.json")):
            body = orjson.dumps(orjson.loads(path.read_bytes()))
            yield path.parents[2].name, hook, body


def _of_history(history: History) -> list[tuple[str, bytes]]:
    """Return the last request to each hook before each step: what comes in between differs by
    little."""
    player = Player(history)
    seen: list[tuple[str, bytes]] = []
    last: dict[str, bytes] = {}
    call = player.world.line.call

    def recorded(url: str, request: JSON) -> Any:
        last[url.rpartition("/")[2]] = orjson.dumps(request)
        return call(url, request)

    player.world.line.call = recorded
    steps = (
        *history.steps[:_BEGINNING],
        Step("hooks", ("up",), 70),
        Step("catch up", (), 70),
        Step("delete", (), 1),
    )
    for step in steps:
        player.do(step)
        seen += last.items()
        last.clear()
    return seen

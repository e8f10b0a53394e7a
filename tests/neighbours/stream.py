"""Stream: every status of the NIMServices of a namespace, in the order of its changes."""

from collections.abc import Iterable
from typing import NamedTuple

from hooks.cluster.api import Object
from hooks.kernel.observed import condition, status, text
from nimservice_simulator.api import Event
from nimservice_simulator.clock import Clock
from tests.control_plane.stage import Stage


class Said(NamedTuple):
    """What the condition Ready said, and when that came."""

    ready: str
    reason: str
    message: str
    state: str
    time: float


class Stream:
    """Records what is said of each NIMService, without repetitions."""

    def __init__(self, stage: Stage, clock: Clock) -> None:
        self._stage, self._clock = stage, clock
        self._said: dict[str, list[Said]] = {}

    def seen(self, event: Event) -> None:
        """Take note of a change."""
        obj: Object = event.object
        ready = condition(obj, "Ready")
        if not ready:
            return
        words = [text(ready.get(key)) for key in ("status", "reason", "message")]
        found = Said(*words, text(status(obj).get("state")), self._clock.now().timestamp())
        all_said = self._said.setdefault(obj["metadata"]["name"], [])
        if not all_said or all_said[-1][:4] != found[:4]:
            all_said.append(found)

    def of(self, name: str) -> list[Said]:
        """Return what has been said of a NIMService since the last ``forget``."""
        return [*self._said.get(name, [])]

    def forget(self) -> None:
        """Keep only what was said last."""
        for name, said in self._said.items():
            self._said[name] = said[-1:]

    def until(
        self, name: str, reason: str, *, words: Iterable[str] = (), seconds: float = 20
    ) -> Said:
        """Let Metacontroller work until a reason with some words is the last that was said."""

        def look() -> Said | None:
            last = self.of(name)[-1:]
            return next(
                (
                    each
                    for each in last
                    if each.reason == reason and all(word in each.message for word in words)
                ),
                None,
            )

        try:
            found: Said = self._stage.until(look, f"{name} says {reason}", seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it said {self.of(name)}") from None
        return found

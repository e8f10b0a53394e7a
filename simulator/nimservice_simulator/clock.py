"""Clock: the simulated time, in which minutes of waiting pass at once."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Whatever tells the time."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""


class VirtualClock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.start = self._now = start

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)

    def advance_to(self, moment: datetime) -> None:
        """Let time pass until a moment; an earlier moment changes nothing."""
        self._now = max(self._now, moment)

"""Queue: which parents wait for a sync, with timers and back-off, each parent at most once."""

from datetime import datetime, timedelta

from nimservice_simulator.clock import Clock

Key = tuple[str, str]
_FIRST_RETRY, _LAST_RETRY = 0.005, 1000.0
_BUCKET, _PER_SECOND = 100, 10.0


class Queue:
    """A work queue: a key that is added while in flight comes again afterwards."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[Key, None] = {}
        self._in_flight: set[Key] = set()
        self._dirty: dict[Key, None] = {}
        self._timers: dict[Key, datetime] = {}
        self._failures: dict[Key, int] = {}
        self._tokens, self._filled = float(_BUCKET), clock.now()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, key: Key) -> None:
        """Ask for a sync now."""
        target = self._dirty if key in self._in_flight else self._waiting
        target[key] = None

    def add_after(self, key: Key, seconds: float) -> None:
        """Ask for a sync later; an earlier timer of the same key stays."""
        if seconds <= 0:
            self.add(key)
            return
        due = self._clock.now() + timedelta(seconds=seconds)
        self._timers[key] = min(due, self._timers.get(key, due))

    def add_failed(self, key: Key) -> None:
        """Ask for a sync after the key's back-off, or the common limit if that is longer.

        The back-off doubles with each failure.
        """
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        own = min(_FIRST_RETRY * 2.0 ** min(failures - 1, 30), _LAST_RETRY)
        self.add_after(key, max(own, self._common_wait()))

    def forget(self, key: Key) -> None:
        """Reset a key's back-off."""
        self._failures.pop(key, None)

    def failures(self, key: Key) -> int:
        """Return how often a key failed in a row."""
        return self._failures.get(key, 0)

    def take(self) -> Key | None:
        """Return the next key, in flight until ``done``, or None."""
        self._fire()
        if not self._waiting:
            return None
        key = next(iter(self._waiting))
        del self._waiting[key]
        self._in_flight.add(key)
        return key

    def done(self, key: Key) -> None:
        """End a key's flight."""
        self._in_flight.discard(key)
        if key in self._dirty:
            del self._dirty[key]
            self.add(key)

    def next_timer(self) -> datetime | None:
        """Return when the next timer fires, or None."""
        return min(self._timers.values(), default=None)

    def _fire(self) -> None:
        now = self._clock.now()
        for key in [key for key, due in self._timers.items() if due <= now]:
            del self._timers[key]
            self.add(key)

    def _common_wait(self) -> float:
        """Return the wait that the limit of all keys together asks for.

        It allows ten per second, a hundred at once.
        """
        now = self._clock.now()
        self._tokens = (
            min(_BUCKET, self._tokens + (now - self._filled).total_seconds() * _PER_SECOND) - 1
        )
        self._filled = now
        return max(0.0, -self._tokens / _PER_SECOND)

"""Clock: the time of a sync, and the next moment at which time alone may change its answer."""

from datetime import datetime, timedelta


class Clock:
    """The time of one sync; it notes when it is to be looked at again."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.left: timedelta | None = None
        """The time until the answer may change, or None if it waits for no time."""

    def passed(self, since: datetime, patience: timedelta) -> bool:
        """Whether something has lasted for as long as patience; if not, the end is noted.

        Every answer that depends on the time asks here, so that the next sync comes in time.
        """
        left = patience - (self.now - since)
        if left <= timedelta(0):
            return True
        self.remind(left)
        return False

    def remind(self, left: timedelta) -> None:
        """Note that the answer may change after some time, by time alone."""
        self.left = left if self.left is None else min(self.left, left)

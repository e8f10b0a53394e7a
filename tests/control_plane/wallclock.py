"""Wall clock: the machine's own time, for a real API server."""

from datetime import UTC, datetime


class WallClock:
    """The machine's own clock, for a real API server."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        return datetime.now(UTC)

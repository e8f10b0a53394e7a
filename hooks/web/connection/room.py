"""Room: the bytes of bodies that a worker holds; if there are too many, the slowest sender ends."""

import asyncio
from types import TracebackType


class Room:
    """Room for a number of bytes of bodies."""

    def __init__(self, size: int) -> None:
        self.free = size
        self.sending: dict[Share, None] = {}
        """The incomplete bodies, oldest first."""

    def share(self) -> "Share":
        """Return a share for the body of one request."""
        return Share(self)


class Share:
    """The room of one body; the end of its ``with`` gives it back."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._size = 0
        self._deadline: asyncio.Timeout | None = None
        self.lost = False
        """Whether another body needed the room."""

    def __enter__(self) -> "Share":
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.whole()
        self._give_back()

    def begin(self, deadline: asyncio.Timeout) -> None:
        """Note that the body is being sent; the deadline ends it if others need the room."""
        self._deadline = deadline
        self._room.sending[self] = None

    def whole(self) -> None:
        """Note that the body is complete; from now on it keeps its room."""
        self._room.sending.pop(self, None)

    def take(self, size: int) -> None:
        """Take more room; without any left, the bodies that are being sent longest lose theirs."""
        self._size += size
        self._room.free -= size
        while self._room.free < 0 and self._room.sending:
            next(iter(self._room.sending))._lose()

    def _lose(self) -> None:
        self.lost = True
        self.whole()
        self._give_back()
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time())

    def _give_back(self) -> None:
        self._room.free += self._size
        self._size = 0

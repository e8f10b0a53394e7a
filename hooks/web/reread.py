"""Reread: what is made out of files, and made anew when they change, so that a rotation needs no restart."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

_LOGGER = logging.getLogger("hooks.web")

T = TypeVar("T")
_Stamp = tuple[tuple[int, int, int], ...]


class Reread(Generic[T]):
    """Something made out of files; while what is in them is of no use, what was made before stays.

    Raises:
        OSError, ValueError: at first, where they cannot be read or are of no use.
    """

    def __init__(self, files: tuple[Path, ...], make: Callable[[], T]) -> None:
        self._files, self._make = files, make
        self._lock = threading.Lock()
        self._tried = self._made_of = self._stamp()
        self._made = self._whole()

    def get(self) -> T:
        """Return what the files make now; safe to be called by several threads."""
        try:
            stamp = self._stamp()
        except OSError:
            return self._made  # for a moment there may be none
        if stamp != self._made_of:
            with self._lock:
                self._renew(stamp)
        return self._made

    def _renew(self, stamp: _Stamp) -> None:
        names = ", ".join(map(str, self._files))
        try:
            self._made, self._made_of = (
                self._whole(),
                stamp,
            )  # made of newer files, it is made once more at the next look
            _LOGGER.info("read anew", extra={"fields": {"files": names}})
        except (OSError, ValueError) as error:
            if stamp != self._tried:
                _LOGGER.error(  # noqa: TRY400 - its text says enough
                    "not read anew, the former is used on",
                    extra={"fields": {"files": names, "error": str(error)}},
                )
            self._tried = stamp

    def _whole(self) -> T:
        """Make it; of files that were replaced while they were read, and so do not fit together, make it again."""
        stamp = self._stamp()
        while True:
            try:
                return self._make()
            except (OSError, ValueError):
                before, stamp = stamp, self._stamp()
                if stamp == before:
                    raise

    def _stamp(self) -> _Stamp:
        found = [path.stat() for path in self._files]
        return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in found)

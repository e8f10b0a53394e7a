"""Reread: a value made from files, and made again when they change; a rotation needs no restart."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

_LOGGER = logging.getLogger("hooks.web")

T = TypeVar("T")
_Stamp = tuple[tuple[int, int, int], ...]


class Reread(Generic[T]):
    """A value made from files; while they are unusable, the former value stays.

    Raises:
        OSError, ValueError: on construction, if the files cannot be read or used.
    """

    def __init__(self, files: tuple[Path, ...], make: Callable[[], T]) -> None:
        self._files, self._make = files, make
        self._lock = threading.Lock()
        self._tried = self._made_of = self._stamp()
        self._made = self._whole()

    def get(self) -> T:
        """Return the value of the current files; safe for several threads."""
        try:
            stamp = self._stamp()
        except OSError:
            return self._made  # during a rotation a file may be missing
        if stamp != self._made_of:
            with self._lock:
                self._renew(stamp)
        return self._made

    def _renew(self, stamp: _Stamp) -> None:
        names = ", ".join(map(str, self._files))
        try:
            # If the files change again meanwhile, the next call makes the value once more.
            self._made, self._made_of = self._whole(), stamp
            _LOGGER.info("reloaded", extra={"fields": {"files": names}})
        except (OSError, ValueError) as error:
            if stamp != self._tried:
                _LOGGER.error(  # noqa: TRY400 - its text says enough
                    "reload failed, the former value stays in use",
                    extra={"fields": {"files": names, "error": str(error)}},
                )
            self._tried = stamp

    def _whole(self) -> T:
        """Make the value; repeat it if the files changed meanwhile and may not fit together."""
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

"""Measure: seconds of a call, two calls in turn, and the memory of a process."""

import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path

Clock = Callable[[], float]


def in_turn(
    first: Callable[[], object], second: Callable[[], object], *, rounds: int = 15, calls: int = 200, clock: Clock = time.process_time
) -> tuple[float, float]:
    """Return the median seconds of a call of each, measured in turn: what slows the machine down slows both."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, times in zip((first, second), spent, strict=True):
            times.append(_batch(call, calls, clock))
    return statistics.median(spent[0]), statistics.median(spent[1])


def _batch(call: Callable[[], object], calls: int, clock: Clock) -> float:
    gc.collect()
    start = clock()
    for _ in range(calls):
        call()
    return (clock() - start) / calls


def resident_bytes(pid: str | int = "self") -> int | None:
    """Return the resident memory of a process, or None where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    line = next(each for each in status.read_text().splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024

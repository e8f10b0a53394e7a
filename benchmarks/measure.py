"""Measure: seconds of a call, two calls in turn, and the memory of a process."""

import gc
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path

Clock = Callable[[], float]


def in_turn(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    rounds: int = 15,
    calls: int = 200,
    clock: Clock = time.process_time,
) -> tuple[float, float]:
    """Return the median seconds of a call of each, measured in turn, so that load slows both."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, times in zip((first, second), spent, strict=True):
            times.append(batch(call, calls, clock))
    return statistics.median(spent[0]), statistics.median(spent[1])


def batch(call: Callable[[], object], calls: int, clock: Clock = time.process_time) -> float:
    """Return the mean seconds of a call."""
    gc.collect()
    start = clock()
    for _ in range(calls):
        call()
    return (clock() - start) / calls


def processor_seconds(pid: str | int) -> float:
    """Return the processor time of a process so far; 0 if the system does not provide it."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    return sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13])) / os.sysconf(
        "SC_CLK_TCK"
    )


def children_seconds() -> float:
    """Return the processor time of this process's finished children; a clock for ``in_turn``."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resident_bytes(pid: str | int = "self") -> int | None:
    """Return the resident memory of a process, or None if the system does not provide it."""
    return _bytes(pid, "VmRSS:")


def most_bytes(pid: str | int = "self") -> int | None:
    """Return the most resident memory that a process has had, or None where nothing tells."""
    return _bytes(pid, "VmHWM:")


def shared_bytes(pids: Iterable[str | int]) -> int:
    """Return what the resident memory of processes counts more than once; 0 where nothing tells."""
    twice = 0
    for pid in pids:
        rollup = Path(f"/proc/{pid}/smaps_rollup")
        if rollup.exists():
            told = dict(line.split()[:2] for line in rollup.read_text().splitlines()[1:])
            twice += (int(told["Rss:"]) - int(told["Pss:"])) * 1024
    return twice


def _bytes(pid: str | int, name: str) -> int | None:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    line = next(each for each in status.read_text().splitlines() if each.startswith(name))
    return int(line.split()[1]) * 1024

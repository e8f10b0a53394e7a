"""Soak: plays many histories of NIMServices and lives of NIMCaches in several processes, and
shortens those that fail."""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import Pool
from typing import Any, NamedTuple

from tests.histories import cachelife, history
from tests.histories.history import shortened
from tests.histories.judge import Violation


class Kind(NamedTuple):
    """A kind whose random lives are played."""

    draw: Callable[[int], Any]
    play: Callable[[Any], Any]


KINDS = {
    "nimservice": Kind(history.draw, history.play),
    "nimcache": Kind(cachelife.draw, cachelife.play),
}


class Failure(NamedTuple):
    """A life that failed."""

    rule: str
    text: str


def failure(kind: str, life: Any) -> Failure | None:
    """Play a life and return how it failed, or None."""
    try:
        KINDS[kind].play(life)
    except Violation as violation:
        return Failure(violation.rule, str(violation))
    except Exception as error:  # noqa: BLE001 - whatever the hooks raise is what is looked for
        return Failure(type(error).__name__, f"{type(error).__name__}: {error}")
    return None


def story(seed: int, kind: str = "nimservice") -> str | None:
    """Play the life of a seed; where it fails, return it without the steps that do not matter, and
    how it fails."""
    life = KINDS[kind].draw(seed)
    found = failure(kind, life)
    if found is None:
        return None
    shorter = shortened(
        life, lambda each: (failure(kind, each) or Failure("", "")).rule == found.rule
    )
    again = f"python -m tests.histories.soak --kind {kind} --first {seed} --histories 1"
    return f"{shorter}\n  => {(failure(kind, shorter) or found).text}\n  again: {again}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--histories", type=int, default=2000, help="how many to play (default: %(default)s)"
    )
    parser.add_argument(
        "--first",
        type=int,
        default=0,
        help="seed of the first; the others follow (default: %(default)s)",
    )
    parser.add_argument(
        "--processes", type=int, default=2, help="processes to play them in (default: %(default)s)"
    )
    parser.add_argument(
        "--kind", choices=KINDS, action="append", help="play those of this kind (default: all)"
    )
    args = parser.parse_args()
    seeds = range(args.first, args.first + args.histories)
    with Pool(args.processes) as pool:
        return int(sum(played(pool, kind, seeds) for kind in args.kind or KINDS) > 0)


def played(pool: Any, kind: str, seeds: range) -> int:
    """Play the lives of some seeds, and return how many failed."""
    start, failed = time.monotonic(), 0
    told = pool.imap_unordered(partial(story, kind=kind), seeds, chunksize=4)
    for number, text in enumerate(told, start=1):
        if text:
            failed += 1
            print(text, end="\n\n", flush=True)
        if number % 200 == 0:
            print(
                f"{number} of {kind}, {failed} failed, {time.monotonic() - start:.0f} s", flush=True
            )
    print(
        f"{len(seeds)} of {kind} from seed {seeds.start}: {failed} failed, "
        f"{time.monotonic() - start:.0f} s"
    )
    return failed


if __name__ == "__main__":
    sys.exit(main())

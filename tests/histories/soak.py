"""Soak: plays many histories in several processes, and shortens those that fail."""

import argparse
import sys
import time
from multiprocessing import Pool
from typing import NamedTuple

from tests.histories.history import History, draw, play, shortened
from tests.histories.judge import Violation


class Failure(NamedTuple):
    """A history that failed."""

    rule: str
    text: str


def failure(history: History) -> Failure | None:
    """Play a history and return how it failed, or None."""
    try:
        play(history)
    except Violation as violation:
        return Failure(violation.rule, str(violation))
    except Exception as error:  # noqa: BLE001 - whatever the hooks raise is what is looked for
        return Failure(type(error).__name__, f"{type(error).__name__}: {error}")
    return None


def story(seed: int) -> str | None:
    """Play the history of a seed; where it fails, return it without the steps that do not matter,
    and how it fails."""
    history = draw(seed)
    found = failure(history)
    if found is None:
        return None
    shorter = shortened(history, lambda each: (failure(each) or Failure("", "")).rule == found.rule)
    return f"{shorter}\n  => {(failure(shorter) or found).text}\n  again: python -m tests.histories.soak --first {seed} --histories 1"


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
    args = parser.parse_args()
    start, failed = time.monotonic(), 0
    seeds = range(args.first, args.first + args.histories)
    with Pool(args.processes) as pool:
        for number, told in enumerate(pool.imap_unordered(story, seeds, chunksize=4), start=1):
            if told:
                failed += 1
                print(told, end="\n\n", flush=True)
            if number % 200 == 0:
                print(
                    f"{number} histories, {failed} failed, {time.monotonic() - start:.0f} s",
                    flush=True,
                )
    print(
        f"{args.histories} histories from seed {args.first}: {failed} failed, {time.monotonic() - start:.0f} s"
    )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

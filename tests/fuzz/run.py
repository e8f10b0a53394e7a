"""Run: spoils many requests in several processes and tells which answers cannot be lived with."""

import argparse
import logging
import random
import resource
import signal
import sys
import time
from collections import Counter
from multiprocessing import Pool
from unittest import mock

from hooks.nimservice.children.multinode import sshkey
from tests.fuzz import wire
from tests.fuzz.corpus import Sample, samples
from tests.fuzz.mutation import mutant
from tests.fuzz.verdict import problem

_SHARES = {"sync": 16, "finalize": 3, "customize": 1}
"""How often each hook is asked: how much there is to lose."""
_RESOURCES = {"nimservice": 14, "nimcache": 4, "nimpipeline": 2}
_SWAPPED = 0.3
"""The share of requests that get a part of another valid one."""
_OF_HTTP = 0.04
"""The share whose JSON is whole and whose HTTP is not."""
_BATCH = 1000
_MEMORY = 2 * 1024**3  # bytes: a request that makes a process larger fails, and not the machine
_HANG = 20  # seconds after which an answer will not come any more


def found(seed: int) -> str | None:
    """Spoil the request of a seed and return what is wrong with the answer, or None."""
    chance = random.Random(seed)
    hook = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
    fitting = _fitting(chance.choices(list(_RESOURCES), list(_RESOURCES.values()))[0], hook)
    sample = chance.choice(fitting)
    if chance.random() < _OF_HTTP:
        text, told = wire.spoilt(sample, chance)
        wrong = wire.problem(text, chance.choice((1, 1, 3, 20)))
        return f"request {seed} ({sample.path}): {told}\n  => {wrong}" if wrong else None
    donor = chance.choice(fitting).body if chance.random() < _SWAPPED else None
    spoilt = mutant(sample.body, chance, donor)
    # Making a key takes its time, and by chance.
    with mock.patch.object(sshkey, "_private_key", return_value="a2V5"):
        wrong = problem(sample, spoilt)
    return (
        f"request {seed} ({sample.path}): {'; '.join(spoilt.told)}\n  => {wrong}" if wrong else None
    )


def _fitting(resource_: str, hook: str) -> list[Sample]:
    """Return the requests to a hook of a resource, or to its sync if it has no such hook."""
    of = [each for each in samples() if each.resource == resource_]
    return [each for each in of if each.hook == hook] or [
        each for each in of if each.hook == "sync"
    ]


def _limited() -> None:
    """Let an answer that takes too much memory or time fail like any other."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"no answer after {_HANG} s")

    logging.disable()  # the server's line for each request
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGALRM, give_up)


def _watched(seed: int) -> str | None:
    signal.alarm(_HANG)
    try:
        return found(seed)
    except TimeoutError as error:
        return f"request {seed}\n  => {error}"
    finally:
        signal.alarm(0)


def _batch(seeds: range) -> list[str]:
    return [told for seed in seeds if (told := _watched(seed))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--requests", type=int, default=300_000, help="how many to spoil (default: %(default)s)"
    )
    parser.add_argument(
        "--first",
        type=int,
        default=0,
        help="seed of the first; the others follow (default: %(default)s)",
    )
    parser.add_argument(
        "--processes", type=int, default=2, help="processes to do it in (default: %(default)s)"
    )
    args = parser.parse_args()
    start, end = time.monotonic(), args.first + args.requests
    batches = [range(first, min(first + _BATCH, end)) for first in range(args.first, end, _BATCH)]
    print(f"{len(samples())} requests to spoil", flush=True)
    kinds_: Counter[str] = Counter()
    with Pool(args.processes, _limited) as pool:
        for told in (each for batch in pool.imap_unordered(_batch, batches) for each in batch):
            kind = told.rpartition("=> ")[2][:60]
            kinds_[kind] += 1
            if kinds_[kind] <= 3:  # the fourth of its kind says nothing new
                print(told, flush=True)
    for kind, count in kinds_.most_common():
        print(f"{count:6} × {kind}")
    print(
        f"{args.requests} requests from seed {args.first}: {kinds_.total()} answered badly, {time.monotonic() - start:.0f} s"
    )
    return int(kinds_.total() > 0)


if __name__ == "__main__":
    sys.exit(main())

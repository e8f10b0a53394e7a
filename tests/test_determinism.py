"""Determinism: the same request has the same bytes for an answer, in every process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Python gives every process another order of sets, unless it is told which.
ANSWER_EVERYTHING = """
import json, sys
from datetime import datetime, timezone
from pathlib import Path
from hooks.kernel import protocol, resource
from hooks.resources import NIM_SERVICE, Settings

now = datetime(2026, 3, 1, tzinfo=timezone.utc)
for path in sorted(Path("tests/cases").glob("*/*/*/request.json")):
    request, hook, settings = protocol.decode(path.read_bytes()), path.parts[-3], Settings()
    answer = resource.call(hook, NIM_SERVICE, request, settings, now)
    sys.stdout.buffer.write(protocol.encode(answer.body) + b"\\n")
"""


def answers(seed):
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", ANSWER_EVERYTHING],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_two_processes_give_the_same_bytes():
    first, second = answers("1"), answers("4242")
    assert len(first) == len(list((ROOT / "tests" / "cases").glob("*/*/*/request.json")))
    assert first == second

"""Commands: the CLI in a cold process, compared with a Python that does nothing."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import measure, requests


def rows() -> Iterator[str]:
    """Yield a line for each command."""
    nimservice = str(Path(sys.executable).with_name("nimservice"))
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder, "nim.yaml")
        manifest.write_text(json.dumps(requests.nim()))
        for arguments in (
            ["--help"],
            ["render", "-f", str(manifest)],
            ["validate", "-f", str(manifest)],
        ):
            pair = _run([nimservice, *arguments]), _run([sys.executable, "-c", ""])
            passed, _ = measure.in_turn(*pair, rounds=9, calls=1, clock=time.perf_counter)
            ours, python = measure.in_turn(*pair, rounds=9, calls=1, clock=measure.children_seconds)
            yield (
                f"nimservice {arguments[0]}: {passed * 1e3:.0f} ms,"
                f" of them {ours * 1e3:.0f} ms processor time,"
                f" {ours / python:.1f} × a bare Python ({python * 1e3:.0f} ms)"
            )


def _run(command: list[str]) -> "measure.Callable[[], object]":
    # Every installation has compiled bytecode, so this shell's choice about it must not matter.
    environ = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    return lambda: subprocess.run(command, check=True, capture_output=True, env=environ)

"""Probing: runs the probe's script as a kubelet would, in a shell of this machine with the tools of
one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hooks.nimcache.report.script import LONGEST, PAGES, SCRIPT

SHELLS = {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"]}
AWKS = {"mawk": ["mawk"], "gawk": ["gawk"], "busybox": ["busybox", "awk"]}
TOOLS = ("gzip", "base64", "cat")


def tools(folder: Path, awk: str | None, others: tuple[str, ...] = TOOLS) -> Path:
    """Make a folder with these tools and no others, and return it."""
    folder.mkdir()
    for name in others:
        (folder / name).symlink_to(shutil.which(name))
    if awk is not None:
        command, *arguments = AWKS[awk]
        path = folder / "awk"
        path.write_text(f'#!/bin/sh\nexec {" ".join([needed(command), *arguments])} "$@"\n')
        path.chmod(0o755)
    return folder


def needed(command: str) -> str:
    """Return the path of a program, or skip the test."""
    found = shutil.which(command)
    if found is None:
        pytest.skip(f"{command} is not installed: apt-get install busybox gawk mawk")
    return found


def pages(
    folder: Path, paths: list[Path], shell: str, path: Path, limit: int = LONGEST
) -> list[str]:
    """Return the termination messages of all pages, cut as a kubelet does."""
    program, *arguments = SHELLS[shell]
    messages = []
    for page in range(1, PAGES + 1):
        message = folder / f"message-{page}"
        subprocess.run(
            [
                *(needed(program), *arguments, "-c", SCRIPT, "probe"),
                *(str(page), str(message), *map(str, paths)),
            ],
            check=True,
            env={**os.environ, "PATH": str(path)},
            timeout=60,
        )
        messages.append(message.read_bytes()[:limit].decode())
    return messages

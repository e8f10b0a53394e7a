"""The tools of the tests that are built from Go modules."""

import os
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).with_name("build")


def program(name: str) -> str:
    """Return the path of a tool; without it skip, or fail where TOOLS is `required`."""
    found = subprocess.run([BUILD, name, "--find"], capture_output=True, text=True, check=False)
    if found.returncode:
        if os.environ.get("TOOLS") == "required":
            pytest.fail(found.stderr)
        pytest.skip(found.stderr.strip())
    return found.stdout.strip()

"""Kept: where the snapshots of earlier releases are."""

import os
from pathlib import Path

from hooks import __version__

HERE = Path(__file__).parent


def newest(below: str = __version__) -> Path | None:
    """Return the snapshot of the newest release before one, or None; ``RELEASE_SNAPSHOT`` names
    another folder."""
    if named := os.environ.get("RELEASE_SNAPSHOT"):
        return Path(named)
    found = [
        path.parent
        for path in HERE.glob("*/situations.json")
        if _number(path.parent.name) < _number(below)
    ]
    return max(found, key=lambda path: _number(path.name), default=None)


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]

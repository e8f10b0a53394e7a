"""Snapshot: keeps what a release has of CRDs and answers, so that the next one can be tested to take its objects over.

``python -m tests.releases.snapshot`` writes ``tests/releases/<version>/`` when a release is made; the folder is committed with it.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hooks import __version__, kinds
from hooks.crd import shipped
from hooks.local import offline
from hooks.settings import Settings
from tests.control_plane import situations

HERE = Path(__file__).parent
NAMESPACE = "upgrade"
BASE = {kind.kind for kind in kinds.MANAGED if "base" in kind.components}


def write(folder: Path) -> None:
    """Write the CRDs, and samples with their children, of the kinds that every cluster has."""
    (folder / "crds").mkdir(parents=True)
    for name, text in shipped.texts().items():
        (folder / "crds" / name).write_text(text)
    (folder / "situations.json").write_text(json.dumps([*_situations()], indent=1, sort_keys=True) + "\n")


def _situations() -> Any:
    for situation in situations.every(NAMESPACE):
        answer = offline.render(situation.nim, situation.others, Settings(), now=datetime.now(UTC))
        if answer["children"] and {child["kind"] for child in answer["children"]} <= BASE:
            yield {"nim": situation.nim, "others": situation.others, **answer}


if __name__ == "__main__":
    write(HERE / __version__)

"""Snapshot: keeps what a release has of CRDs, answers and pod templates, so that the next one can
be tested to take its objects over.

``python -m tests.releases.snapshot`` writes ``tests/releases/<version>/`` when a release is made;
the folder is committed with it.
"""

import json
from pathlib import Path
from typing import Any

from hooks import __version__
from hooks.kernel.crd import shipped
from tests.control_plane import situations
from tests.releases import pods

HERE = Path(__file__).parent
NAMESPACE = "upgrade"


def write(folder: Path) -> None:
    """Write the CRDs, the pod templates of many NIMServices, and NIMServices with what the release
    answers."""
    (folder / "crds").mkdir(parents=True)
    for name, text in shipped.texts().items():
        (folder / "crds" / name).write_text(text)
    pods.write(folder)
    (folder / "situations.json").write_text(
        json.dumps([*_situations()], indent=1, sort_keys=True) + "\n"
    )


def _situations() -> Any:
    for situation in situations.own(NAMESPACE):
        answer = pods.answer(situation.nim, situation.others)
        if answer["children"]:
            yield {"nim": situation.nim, "others": situation.others, **answer}


if __name__ == "__main__":
    write(HERE / __version__)

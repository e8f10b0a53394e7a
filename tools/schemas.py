"""Schemas: writes the schema of each kind as JSON, which commands load ten times as fast as YAML.

``python -m tools.schemas FOLDER`` makes them of the definitions in ``crds/``.
"""

import json
import sys
from pathlib import Path

import yaml

from hooks.kernel.crd import shipped


def texts() -> dict[str, str]:
    """Return the schema of each kind as JSON, by the name of its file."""
    crds = (yaml.load(text, Loader=yaml.CSafeLoader) for text in shipped.texts().values())
    return {
        f"{crd['spec']['names']['kind']}.json": json.dumps(
            crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], indent=1, ensure_ascii=False
        )
        + "\n"
        for crd in crds
    }


def main() -> None:
    """Write the schemas into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Shipped: the generated CustomResourceDefinitions of this release, and the schemas in them."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from hooks.kernel.document import JSON

_SCHEMAS = Path(__file__).with_name("schemas")


def texts() -> dict[str, str]:
    """Return every CustomResourceDefinition as YAML, by its file name."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(_folder().iterdir())}


@cache
def schemas() -> Mapping[str, JSON]:
    """Return the schema of each kind, by kind."""
    return _Schemas()


class _Schemas(Mapping[str, JSON]):
    """Reads the schema of a kind when it is first needed; each costs time and megabytes."""

    def __init__(self) -> None:
        self._kinds = sorted(file.stem for file in _SCHEMAS.iterdir())
        self._read: dict[str, JSON] = {}

    def __getitem__(self, kind: str) -> JSON:
        if kind not in self._read:
            if kind not in self._kinds:
                raise KeyError(kind)
            text = (_SCHEMAS / f"{kind}.json").read_text(encoding="utf-8")
            self._read[kind] = json.loads(text)
        return self._read[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)


def _folder() -> Path:
    """Return the folder with the files: in the package of a release, else in the checkout."""
    built = Path(__file__).with_name("generated")
    return built if built.is_dir() else Path(__file__).parents[3] / "crds"

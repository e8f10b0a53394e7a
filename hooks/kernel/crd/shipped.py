"""Shipped: the generated CustomResourceDefinitions of this release."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml

from hooks.kernel.api.kubernetes import JSON


def texts() -> dict[str, str]:
    """Return every CustomResourceDefinition as YAML, by its file name."""
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(_folder().iterdir(), key=lambda file: file.name)
    }


@cache
def schemas() -> Mapping[str, JSON]:
    """Return the schema of each kind, by kind."""
    return _Schemas({_KIND.findall(text)[0]: text for text in texts().values()})


class _Schemas(Mapping[str, JSON]):
    """Reads the definition of a kind when it is first needed; each costs time and megabytes."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts
        self._read: dict[str, JSON] = {}

    def __getitem__(self, kind: str) -> JSON:
        if kind not in self._read:
            crd = yaml.load(self._texts[kind], Loader=yaml.CSafeLoader)
            self._read[kind] = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        return self._read[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


_KIND = re.compile(r"^  names:\n    kind: (\w+)$", re.MULTILINE)


def _folder() -> Traversable:
    """Return the folder with the files: in the package of a release, else in the checkout."""
    built = files("hooks") / "kernel" / "crd" / "generated"
    return built if built.is_dir() else Path(__file__).parents[3] / "crds"

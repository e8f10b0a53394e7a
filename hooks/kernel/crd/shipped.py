"""Shipped: the generated CustomResourceDefinitions of this release."""

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
def schemas() -> dict[str, JSON]:
    """Return the schema of each kind, by kind."""
    definitions = [yaml.load(text, Loader=yaml.CSafeLoader) for text in texts().values()]
    return {
        crd["spec"]["names"]["kind"]: crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        for crd in definitions
    }


def _folder() -> Traversable:
    """Return the folder with the files: in the package of a release, else in the checkout."""
    built = files("hooks") / "kernel" / "crd" / "generated"
    return built if built.is_dir() else Path(__file__).parents[3] / "crds"

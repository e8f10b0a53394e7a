"""Files: reads Kubernetes objects from YAML and JSON files, and names each mistake in one line."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hooks.cli.error import CommandError
from hooks.cli.loader import Loader

JSON = dict[str, Any]


class FileError(CommandError):
    """A file without Kubernetes objects; the text names the file, the place and the remedy."""


@dataclass(frozen=True)
class Loaded:
    """An object and its file."""

    manifest: JSON
    file: str
    """The file as the user named it; ``stdin`` for ``-``."""

    @property
    def kind(self) -> str:
        """The object's kind."""
        return str(self.manifest["kind"])

    @property
    def name(self) -> str:
        """The object's name, or its generateName, or a question mark."""
        metadata = self.manifest.get("metadata") or {}
        return str(metadata.get("name") or metadata.get("generateName") or "?")


def add_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``-f FILE…``."""
    parser.add_argument(
        "-f",
        "--filename",
        dest="files",
        metavar="FILE",
        nargs="+",
        action="extend",
        required=True,
        help="YAML or JSON files, a folder of them, or - for standard input",
    )


def load(names: Sequence[str]) -> list[Loaded]:
    """Return the objects in files, in their order; a ``List`` yields its items.

    Raises:
        FileError: at the first mistake.
    """
    return [
        Loaded(manifest, file)
        for name in names
        for file, text in _read(name)
        for manifest in _objects(file, text)
    ]


def _read(name: str) -> Iterator[tuple[str, str]]:
    if name == "-":
        try:
            yield "stdin", sys.stdin.read()
        except UnicodeDecodeError:
            raise FileError("stdin: is not UTF-8 text; is it YAML or JSON?") from None
        return
    path = Path(name)
    paths = [path]
    if path.is_dir():
        paths = sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml", ".json"})
        if not paths:
            raise FileError(f"{name}: the folder holds no .yaml, .yml or .json file")
    for file in paths:
        try:
            yield str(file), file.read_text(encoding="utf-8")
        except OSError as error:
            raise FileError(f"{file}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise FileError(f"{file}: is not UTF-8 text; is it a YAML or JSON file?") from None


def _objects(file: str, text: str) -> Iterator[JSON]:
    found = False
    documents = yaml.load_all(text, Loader=Loader)
    try:
        for number, document in enumerate(documents, start=1):
            if document is not None:
                yield from _flattened(document, f"{file}: document {number}")
                found = True
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise FileError(f"{file}: not YAML: {where}{error.problem}") from None
    except RecursionError:
        raise FileError(f"{file}: is nested too deeply for a Kubernetes object") from None
    except yaml.YAMLError as error:
        raise FileError(f"{file}: not YAML: {' '.join(str(error).split())}") from None
    if not found:
        raise FileError(f"{file}: is empty; {_EXPECTED}")


_EXPECTED = "expected a Kubernetes object with apiVersion, kind and metadata"


def _flattened(document: Any, where: str) -> Iterator[JSON]:
    if isinstance(document, list):
        raise FileError(
            f"{where}: is a list; separate the objects by lines of ---, "
            "or put them into the items of a kind: List"
        )
    if not isinstance(document, dict):
        raise FileError(f"{where}: is {_kind_of(document)}; {_EXPECTED}")
    for key in ("kind", "apiVersion"):
        if not isinstance(document.get(key), str) or not document[key]:
            state = "has no" if document.get(key) in (None, "") else "must have text as"
            raise FileError(f"{where}: {state} {key}; is it a Kubernetes object?")
    if not isinstance(document.get("metadata") or {}, dict):
        raise FileError(
            f"{where}: metadata must be an object with a name, is {_kind_of(document['metadata'])}"
        )
    if not document["kind"].endswith("List") or not isinstance(document.get("items"), list):
        yield document
        return
    for index, item in enumerate(document["items"]):
        yield from _flattened(item, f"{where}: items[{index}]")


def _kind_of(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "no object")
